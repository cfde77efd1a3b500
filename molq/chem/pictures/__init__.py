"""Molecules as pictures: SVG in the colours of the page around it, PNG on white, SD files. Must never run a model."""
