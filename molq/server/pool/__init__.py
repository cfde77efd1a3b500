"""Small questions to worker processes, many at a time, and their answers. Must never know of HTTP."""
