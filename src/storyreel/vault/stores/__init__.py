"""Where a vault lies: a folder, a bucket, and copies of it on this machine."""
