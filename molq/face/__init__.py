"""What a notebook imports and the doors call: one call for one command. Never imports torch, RDKit or a door."""
