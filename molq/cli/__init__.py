"""One thin file per command: parse, call one function, print. typer and rich live here only; never imports torch."""
