"""The client of the Imagine API, tested against a real socket."""
