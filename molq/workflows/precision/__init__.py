"""A model in fewer bits, a scheme or a precision per layer. Of workflows it never imports more than compare."""
