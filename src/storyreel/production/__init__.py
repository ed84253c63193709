"""
The studio: where plan, service, media and vault meet.

`open_studio` is the door of a run, `forecast` that of a person who only wants to know. Nothing here knows of Prefect.
"""
