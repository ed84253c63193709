"""
A home with a project in it and a settings file beside: what a person has who got a folder from somebody else.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.settings import Settings, read_settings


@dataclass
class Home:
    """A person's home, with a project in it."""

    path: Path

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.path / "film"

    @property
    def mark(self) -> Path:
        """The project's file."""
        return self.project / "storyreel.toml"

    @property
    def own(self) -> Path:
        """The person's own settings file."""
        return self.path / ".config" / "storyreel" / "settings.toml"

    def write(self, project: str | bytes | None = None, own: str | None = None) -> None:
        """Write the project's file, or the person's own."""
        if project is not None:
            self.mark.write_bytes(project if isinstance(project, bytes) else project.encode())
        if own is not None:
            self.own.write_text(own)
            self.own.chmod(0o600)

    def settings(self, **environ: str) -> Settings:
        """Return the settings that hold in the project, with these variables set."""
        return read_settings({"HOME": str(self.path), **environ}, self.project)

    def refused(self, **environ: str) -> list[str]:
        """Return what is said of settings that are wrong, a line each."""
        with pytest.raises(SettingsError) as wrong:
            self.settings(**environ)
        return list(getattr(wrong.value, "lines", [str(wrong.value)]))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home in which a project has its folder, and nothing is set."""
    monkeypatch.setenv("HOME", str(tmp_path))
    home = Home(tmp_path)
    home.project.mkdir()
    home.own.parent.mkdir(parents=True, mode=0o700)
    home.own.parent.parent.chmod(0o700)
    return home
