"""The HTTP server of `molq serve`: a page, an API and jobs over what a screen does. It must never score by itself."""
