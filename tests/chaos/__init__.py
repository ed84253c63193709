"""Real processes, ended at every point of a purchase: nothing is sent twice, and no clip is lost."""
