"""Train and quantize, each in one call; integers learn to imitate the float model. Never imports study or diagnosis."""
