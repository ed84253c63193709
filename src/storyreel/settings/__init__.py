"""
Settings: what is taken from the environment, from the user's own file, and from a project's, which may be a stranger's; read once and
handed down. `variables/table.py` is the table of all that is read.
"""

from storyreel.settings.layers import Origin, as_set
from storyreel.settings.reading import Settings, masked, read_settings, vault_from

__all__ = ["Origin", "Settings", "as_set", "masked", "read_settings", "vault_from"]
