"""Prepared libraries: parsed once, screened often. Never imports molq.screening.screen."""
