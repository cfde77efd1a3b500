"""Molecules as pictures: SVG in the colours of the page around it, PNG on white. Must never run a model."""
