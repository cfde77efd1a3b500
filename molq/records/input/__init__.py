"""Bytes of any source: found, opened, decompressed and brought to UTF-8. Never looks at rows."""
