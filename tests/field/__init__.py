"""Files as cameras, phones, screen recorders, editors and browsers write them, made by script, and what is read back of them."""
