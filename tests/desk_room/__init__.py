"""The desk: how Prefect is operated for one person."""
