"""Tests of everything that is done to pictures and clips."""
