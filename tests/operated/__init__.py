"""storyreel on many machines, played on one."""
