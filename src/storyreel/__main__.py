"""`python -m storyreel` is `storyreel`."""

import sys

# `-m` puts the current folder first, and a storyboard's folder is no place for modules.
if not sys.flags.safe_path:
    del sys.path[0]

from storyreel.cli.app import main

main()
