"""The variables of the environment that storyreel reads: one table, whose rows read themselves."""
