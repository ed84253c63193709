"""The fonts that come with the package."""
