"""
The variables of the environment that storyreel reads: one table, whose rows read themselves.
"""

from storyreel.variables.readings import at_home
from storyreel.variables.table import (
    API_KEY,
    BASE_URL,
    CACHE_GB,
    CACHE_HOME,
    CATALOG,
    DATA_HOME,
    FFMPEG,
    FFMPEG_LOG,
    FILMS_URL,
    JOBS_LIMIT,
    OUT,
    POLL,
    REAL_API,
    ROOT,
    SANDBOX,
    SANDBOX_LATENCY,
    STATE_HOME,
    SUBMITS_LIMIT,
    TABLE,
    UNWATCHED,
    VAULT,
    data_folder,
)
from storyreel.variables.variable import Variable, in_words

__all__ = [
    "API_KEY",
    "BASE_URL",
    "CACHE_GB",
    "CACHE_HOME",
    "CATALOG",
    "DATA_HOME",
    "FFMPEG",
    "FFMPEG_LOG",
    "FILMS_URL",
    "JOBS_LIMIT",
    "OUT",
    "POLL",
    "REAL_API",
    "ROOT",
    "SANDBOX",
    "SANDBOX_LATENCY",
    "STATE_HOME",
    "SUBMITS_LIMIT",
    "TABLE",
    "UNWATCHED",
    "VAULT",
    "Variable",
    "at_home",
    "data_folder",
    "in_words",
]
