"""A compound library in, scores out: streaming, rejection, order kept. Never imports workflows."""
