"""Figures as SVG in the colours of the page around them. They must never import pages."""
