"""A model for another runtime, run there before it is kept. Never imports another room."""
