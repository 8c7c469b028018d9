"""`python -m playhead.cli`."""

from playhead.cli import main

if __name__ == "__main__":
    main(prog_name="playhead")
