"""Object stores and web servers by URL: read in pieces, written whole, asked again where they fail. Never imports what
stands on it: files, records and all above."""
