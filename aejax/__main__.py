"""`python -m aejax` is the command `aejax`."""

import sys

from aejax.cli import main

if __name__ == "__main__":
    sys.exit(main())
