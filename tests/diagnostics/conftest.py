"""
The folder of the storyboards' tests: media beside a storyboard that is read from text.
"""

from tests.storyboard.conftest import catalog, folder, measured, read

__all__ = ["catalog", "folder", "measured", "read"]
