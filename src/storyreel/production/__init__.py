"""
Production: where plan, service, media and vault meet.

`open_session` is the door of a run, `run` its way, `forecast` what a person asks who only wants to know. Nothing here
knows of Prefect.
"""
