"""Tests of what is handed on to other editors."""
