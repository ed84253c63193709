"""
Where a film and what belongs to it are put, and whether they can be.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel.errors import MediaError, SettingsError
from storyreel.files.place import try_out
from storyreel.model.recipe import ServiceName


@dataclass(frozen=True)
class FilmFiles:
    """
    Where a film and what belongs to it are: `<slug>.mp4`, its cut list, its contact sheet and its captions. `rough` is where its rough cut
    is, which a film takes away; None of a rough cut.
    """

    film: Path
    cut_list: Path
    sheet: Path
    rough: FilmFiles | None = None

    @property
    def srt(self) -> Path:
        """Its captions as SRT, where it has any."""
        return self.film.with_suffix(".srt")

    @property
    def vtt(self) -> Path:
        """The same as WebVTT."""
        return self.film.with_suffix(".vtt")

    @property
    def all(self) -> tuple[Path, ...]:
        """Every one of them."""
        own = self.film, self.cut_list, self.sheet, self.srt, self.vtt
        return *own, *(self.rough.all if self.rough is not None else ())


def film_files(out: Path, slug: str, service: ServiceName) -> FilmFiles:
    """Return the places of a film. One from the sandbox never takes the name of a real one."""
    end = "" if service == "xai" else f".{service}"
    rough = _files(out / slug, f"{slug}.rough{end}")
    return replace(_files(out / slug, f"{slug}{end}"), rough=rough)


def _files(folder: Path, name: str) -> FilmFiles:
    return FilmFiles(folder / f"{name}.mp4", folder / f"{name}.cut.json", folder / f"{name}.png")


def log_file(out: Path, slug: str, service: str) -> Path:
    """Return the place of the log of a film's runs, beside it: `<slug>.log`."""
    return out / slug / f"{slug}{'' if service == 'xai' else f'.{service}'}.log"


def rough_files(out: Path, slug: str, service: ServiceName) -> FilmFiles:
    """Return the places of a rough cut: `<slug>.rough.mp4`."""
    rough = film_files(out, slug, service).rough
    assert rough is not None, "every film may have a rough cut"
    return rough


def check_out(out: Path, slug: str = "") -> None:
    """
    Refuse a folder that cannot take a film: it is of no use to learn that when all is bought.

    Args:
        out: The folder of all films; it is made if there is none.
        slug: Whose own folder in it is tried too, if it is there.

    Raises:
        SettingsError: It cannot be made, or not be written, or something else has the name of a film.
    """
    try:
        try_out(out)
        if slug and os.path.lexists(own := out / slug):
            try_out(own)
            for path in (path for service in ("xai", "sandbox") for path in film_files(out, slug, service).all):
                if path.is_dir():
                    raise MediaError(f"{path} is a folder, and a file is to have that name")
    except (MediaError, ValueError) as error:
        raise SettingsError(f"films cannot be put into {out}: {error}; give another --out") from error
