"""
Where what a page shows comes from: the pictures inside it, and the files that stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from storyreel.delivery.page.board_page import BoardPage
from storyreel.delivery.page.pictures import Pictures
from storyreel.vault import Vault

MEDIA = "media"
"""The folder of a page's clips and films, beside it."""


@dataclass
class Shelf:
    """The pictures of a page, and the files that it links to, by the names that they get in its folder."""

    vault: Vault
    pictures: Pictures
    files: dict[str, Path] = field(default_factory=dict)

    def put(self, name: str, path: Path) -> str:
        """Have a file stand in the page's folder under a name; return its address."""
        self.files[name] = path
        return f"{MEDIA}/{quote(name)}"

    def address_of(self, path: Path) -> str | None:
        """Return the address of a file that was put; None where it was not."""
        return next((f"{MEDIA}/{quote(name)}" for name, each in self.files.items() if each == path), None)


@dataclass(frozen=True)
class Drawn:
    """A page, and the files that it shows: by their names in its folder `media`."""

    page: BoardPage
    media: Mapping[str, Path]
