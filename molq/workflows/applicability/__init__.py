"""Whether a score can be believed: how near a molecule lies to what the model was trained on. Never imports a room."""
