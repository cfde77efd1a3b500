"""Rows of files of any kind, once, for every door. Never imports chem or anything above it."""
