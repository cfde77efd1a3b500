"""Results as text for a terminal, every table within 80 columns. It must never import figures or pages."""
