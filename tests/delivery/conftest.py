"""Clips for what is delivered: those of the media room."""

from tests.media.conftest import clip, footage, reels

__all__ = ["clip", "footage", "reels"]  # fixtures
