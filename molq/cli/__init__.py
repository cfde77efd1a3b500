"""One thin file per command: parse, call one function, print. Never imports torch; typer and rich are imported here only."""
