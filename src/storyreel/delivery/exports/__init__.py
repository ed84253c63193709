"""
A film as other editors read it: a folder with its clips under readable names, its sound as stems, and its timeline in four formats.

Every format is written by OpenTimelineIO and its adapters, which are an extra; they are loaded when something is exported.
"""
