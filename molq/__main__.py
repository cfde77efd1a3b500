"""``python -m molq`` and ``molq``: the molq command."""

import sys


def main() -> None:
    """The command, loaded and run; a machine that is short of memory gets one line, at whatever import it shows."""
    try:
        from molq.cli.main import main as command

        command()
    except (MemoryError, ImportError, RuntimeError, OSError) as error:
        from molq.shortage import is_shortage, shortage

        if not is_shortage(error):
            raise
        print(f"error: {shortage(error, 'in this command')}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
