"""Commands of a screen on many machines. Like the others they parse, call the face and show, and never more."""
