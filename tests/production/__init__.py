"""Where plan, service, media and vault meet, without Prefect."""
