"""Hits as files for other programs: CSV, SD file, Excel. It must never import pages or figures."""
