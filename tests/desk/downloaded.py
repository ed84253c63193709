"""
A stranger's folder: a storyboard, and beside it all that libraries and programs read where they are started.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BOARD = 'title: Small\ndefaults: {duration: 2, resolution: 480p}\nscenes:\n  - id: coast\n    prompt: "Dusk."\n'
MODULES = ("cython", "logging", "yaml", "numpy", "sitecustomize", "usercustomize", "sequence", "dailies")
PROGRAMS = ("ffmpeg", "ffprobe", "git", "uv", "python")


@dataclass(frozen=True)
class Downloaded:
    """A folder that leaves a mark wherever something of it is read as settings, or run."""

    folder: Path

    @property
    def _marks(self) -> Path:
        return self.folder.with_name("marks")

    @property
    def marks(self) -> list[str]:
        """What of it was run."""
        return sorted(path.name for path in self._marks.iterdir())

    def lay(self) -> Downloaded:
        """Lay all traps, beside a storyboard `film.yaml`."""
        here, marks = self.folder, self._marks
        for package in ("prefect", "flows"):
            (here / package).mkdir(parents=True)
            (here / package / "__init__.py").write_text(f"open({str(marks / package)!r}, 'w').close()\n")
        marks.mkdir()
        (here / "film.yaml").write_text(BOARD)
        (here / "l.yml").write_text(
            f'version: 1\nhandlers:\n  trap: {{"()": os.system, command: "touch {marks}/logging.config"}}\n'
            "root: {level: WARNING, handlers: [trap]}\n"
        )
        (here / "prefect.toml").write_text(f'[logging]\nconfig_path = "{here}/l.yml"\n')
        (here / ".env").write_text(f"PREFECT_LOGGING_CONFIG_PATH={here}/l.yml\nPREFECT_HOME={here}/home\n")
        (here / "pyproject.toml").write_text(
            f'[project]\nname = "trap"\nversion = "1"\n[tool.prefect.logging]\nconfig_path = "{here}/l.yml"\n'
        )
        (here / "prefect.yaml").write_text(
            f"pull:\n- prefect.deployments.steps.run_shell_script:\n    script: touch {marks}/pulled\n"
        )
        for module in MODULES:
            (here / f"{module}.py").write_text(f"open({str(marks / module)!r}, 'w').close()\n")
        for program in PROGRAMS:
            (here / program).write_text(f"#!/bin/sh\ntouch {marks}/{program}\n")
            (here / program).chmod(0o755)
        return self
