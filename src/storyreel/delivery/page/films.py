"""
The films that lie in a folder, known by their names, whoever has put them there.

What belongs to a film is known by its name: `<slug>/<slug>[.<delivery>][.sandbox].mp4`, `.mov` where it is handed to an editor, with its
contact sheet (`.png`), its cut list (`.cut.json`) and its captions (`.vtt`, `.srt`) beside it. A rough cut, `<slug>.rough.mp4`, is
shown until there is a film that is newer. Whatever else lies there - a vault, a person's own files - does not exist here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storyreel.delivery.page.listed import language_of, line_of, number_of, read_cut_list, rows_of, size_of

KINDS = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".png": "image/png",
    ".json": "application/json",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
}
NAME = re.compile(
    r"(?P<film>(?P<slug>[A-Za-z0-9_][A-Za-z0-9_-]*)(?P<rough>\.rough)?(?:\.[a-z0-9-]+){0,2})(?:\.mp4|\.mov|\.png|\.vtt|\.srt|\.cut\.json|\.review-[0-9a-f]{16}\.png)"
)
"""The name of a file that belongs to a film; its folder has the name of the slug."""
ROUGH = "rough"
LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class FilmOnPage:
    """
    A film as the page shows it; addresses are relative to the page. Seconds and dollars are None where unknown. `language` is that of
    its captions in BCP 47, empty where nobody named it.
    """

    name: str
    title: str
    film: str
    sheet: str | None
    cut_list: str | None
    vtt: str | None
    srt: str | None
    language: str
    cut_at: datetime
    seconds: float | None
    size: tuple[int, int] | None
    charged_usd: float | None
    rehearsal: bool
    readable: bool = True
    """Whether its cut list can be read, if it has one."""
    rough: bool = False
    delivery: str = ""
    """Which film of its storyboard it is; empty for the master."""
    slug: str = ""
    path: Path = Path()
    """The file itself."""
    placeholders: tuple[int, int] | None = None
    """Of a rough cut: how many of how many scenes are placeholders; None where its cut list does not say."""

    @property
    def plays(self) -> bool:
        """Whether a browser may play it: none has ProRes, which is all that stands in a MOV."""
        return not self.film.endswith(".mov")

    @property
    def facts(self) -> list[str]:
        """What is known of it, in a few words each."""
        facts = [f"{self.seconds:g} s"] if self.seconds is not None else []
        if self.placeholders is not None:
            facts.append("{} of {} scenes are placeholders".format(*self.placeholders))
        if self.size is not None:
            facts.append(f"{self.size[0]} × {self.size[1]}")
        if self.rehearsal:
            facts.append("rehearsal: nothing was billed")
        elif self.charged_usd is not None:
            facts.append(f"${self.charged_usd:.2f}")
        if not self.readable:
            facts.append("its cut list cannot be read")
        facts.append(f"{self.cut_at.astimezone():%Y-%m-%d %H:%M}")
        return facts


def films_in(out: Path) -> list[FilmOnPage]:
    """Return the films in a folder, the newest first."""
    return sorted(_films(out), key=lambda film: (film.cut_at, film.name), reverse=True)


def _films(out: Path) -> Iterator[FilmOnPage]:
    for path in (*out.glob("*/*.mp4"), *out.glob("*/*.mov")):
        there = find(out, path.parent.name, path.name)
        if there is None:
            continue
        rough = ROUGH in path.stem.split(".")
        if rough and _is_outdated(path, there):
            continue
        listed = find(out, path.parent.name, f"{path.stem}.cut.json")
        fields = read_cut_list(listed)
        try:
            cut_at = datetime.fromtimestamp(min(max(there.stat().st_mtime, 0), LATEST), UTC)
        except OSError:
            continue  # it was there a moment ago
        yield FilmOnPage(
            name=path.stem,
            title=line_of(fields.get("title")) or path.stem,
            film=_address(path),
            sheet=_beside(out, path, ".png"),
            cut_list=_address(path.with_suffix(".cut.json")) if listed else None,
            vtt=_beside(out, path, ".vtt"),
            srt=_beside(out, path, ".srt"),
            language=language_of(fields.get("captions")),
            cut_at=cut_at,
            seconds=number_of(fields.get("seconds")),
            size=size_of(fields.get("size")),
            charged_usd=_charged(fields),
            rehearsal=fields.get("service") == "sandbox" or path.stem.endswith(".sandbox"),
            readable=listed is None or bool(fields),
            rough=rough,
            delivery=_delivery(path),
            slug=path.parent.name,
            path=there,
            placeholders=_placeholders(fields) if rough else None,
        )


def _delivery(film: Path) -> str:
    return ".".join(part for part in film.stem.split(".")[1:] if part not in (ROUGH, "sandbox"))


def _is_outdated(rough: Path, there: Path) -> bool:
    """Whether a rough cut is older than the film that it was shown in the place of."""
    film = rough.with_name(rough.name.replace(f".{ROUGH}", "", 1))
    try:
        return film.stat().st_mtime >= there.stat().st_mtime
    except OSError:
        return False


def find(out: Path, slug: str, name: str) -> Path | None:
    """Return a file that belongs to a film in a folder; None if it is none, is not there, or leads out of the folder."""
    known = NAME.fullmatch(name)
    if known is None or known["slug"] != slug:
        return None
    try:
        path, root = (out / slug / name).resolve(strict=True), out.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return path if path.is_relative_to(root) and path.suffix in KINDS and path.is_file() else None


def _address(path: Path) -> str:
    return f"{quote(path.parent.name)}/{quote(path.name)}"


def _beside(out: Path, film: Path, suffix: str) -> str | None:
    """Return the address of what stands beside a film; None where nothing does."""
    path = film.with_suffix(suffix)
    return _address(path) if find(out, film.parent.name, path.name) else None


def _charged(cut_list: dict[str, Any]) -> float | None:
    """Return what a film was charged, whatever came of each request; None if the service said of none what it charged."""
    totals, listed = cut_list.get("totals"), [cut_list.get(part) for part in ("steps", "unused")]
    rows = [row for part in listed if isinstance(part, list) for row in part if isinstance(row, dict)]
    if not isinstance(totals, dict) or (rows and all(row.get("charged_usd") is None for row in rows)):
        return None
    return number_of(totals.get("charged_usd"))


def _placeholders(cut_list: dict[str, Any]) -> tuple[int, int] | None:
    shots = rows_of(cut_list.get("cuts"))
    scenes = {str(shot.get("scene")) for shot in shots}
    missing = {str(shot.get("scene")) for shot in shots if isinstance(shot.get("placeholder"), str)}
    return (len(missing), len(scenes)) if shots else None
