"""`python -m storyreel` is `storyreel`."""

from storyreel.cli import main

main()
