"""Prefect's page, seen by a browser."""
