"""`python -m stenograf` is the command `stenograf`."""

from stenograf.cli.main import main

if __name__ == "__main__":
    main()
