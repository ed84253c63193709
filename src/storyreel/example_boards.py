"""
The storyboards that come with storyreel, with their media: those of the checkout that it runs from, else those in the wheel.
"""

from __future__ import annotations

from pathlib import Path


def examples_folder() -> Path:
    """Return the folder of the example storyboards."""
    package = Path(__file__).parent
    checkout = package.parent.parent / "storyboards"
    return checkout if (checkout / "lighthouse.yaml").exists() else package / "examples"
