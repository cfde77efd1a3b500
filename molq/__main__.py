"""``python -m molq``: the molq command."""

from molq.cli.main import main

if __name__ == "__main__":
    main()
