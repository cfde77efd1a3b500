"""One thin file per command: parse, call one function, print. typer and rich are imported here and nowhere else."""
