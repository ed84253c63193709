"""
Prefect operated for one person: the server behind its guard, the worker, and what takes up runs that died.

No process of the desk lets a library read settings from a folder that a storyboard lies in.
"""
