"""From a file of scores to a list worth ordering. Never imports study or diagnosis."""
