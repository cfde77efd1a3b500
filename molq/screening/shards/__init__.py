"""Numbered shards of a library, screened anywhere in any order, and put together again. Never scores a molecule."""
