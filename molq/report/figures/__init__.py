"""Figures as SVG in the colours of the page around them. They must never import pages."""

import logging

_OF_FOLDERS = ("temporary cache directory", "mkdir -p failed", "building the font cache")


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """Not that matplotlib, which is asked for nothing that it keeps, found no home to keep it in."""
    return not any(words in record.getMessage() for words in _OF_FOLDERS)


for _name in ("matplotlib", "matplotlib.font_manager"):
    logging.getLogger(_name).addFilter(_is_worth_saying)
