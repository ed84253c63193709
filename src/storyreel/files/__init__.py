"""Files on this machine: read as what they are, put in their place whole."""
