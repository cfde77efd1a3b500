"""Hits as files: CSV, SD file, Excel for other programs, a page to look at. It must never say what a page says."""
