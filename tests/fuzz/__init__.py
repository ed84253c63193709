"""Answers, runs and records in odd shapes: what bench/fuzz.py runs by the thousand, and the tests a few hundred of."""
