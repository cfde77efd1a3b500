"""Synthons: pieces of molecules, and what comes of joining them. Never imports what reads or counts spaces."""
