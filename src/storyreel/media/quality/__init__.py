"""
What can be seen and heard to be wrong with a clip: measured in the decode that proves it whole, judged afterwards.

What is measured of a file never changes, so it can be kept; what of it is a mark is a matter of limits, and of what was asked.
"""
