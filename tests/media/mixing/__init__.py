"""Tests of the mix: its layers, its limiter, its loudness."""
