"""Which products come out: the best of the pass, scored again by the engine. Never imports the screen."""
