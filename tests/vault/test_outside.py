"""
What people put somewhere is never put into the vault.
"""

from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.vault import open_vault
from storyreel.vault.outside import check_outside


@pytest.mark.parametrize("folder", ["vault", "vault/derived/tram-edit", "link/tram-edit", "out/../vault/x"])
def test_a_folder_in_the_vault_is_refused_whatever_leads_there(tmp_path: Path, folder: str):
    """
    Also one that is not there yet; one beside it is nobody's business.
    """
    (tmp_path / "vault").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "vault")
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")

    with pytest.raises(SettingsError, match=r"--to .* lies in the vault"):
        check_outside(vault, tmp_path / folder, "--to")

    check_outside(vault, tmp_path / "vault-edit", "--to")
