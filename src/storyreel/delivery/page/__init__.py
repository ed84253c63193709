"""The films page: what was made, in a browser."""
