"""
Where a film and what belongs to it are put, and whether they can be.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel.errors import MediaError, SettingsError
from storyreel.files.place import try_out
from storyreel.model.finish import AS_CUT
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Storyboard


@dataclass(frozen=True)
class FilmFiles:
    """
    Where a film and what belongs to it are: `<slug>.mp4`, its cut list, its contact sheet, its captions and its label. `rough` is where the master's
    rough cut is, which the master takes away; None of other films.
    """

    film: Path
    cut_list: Path
    sheet: Path
    rough: FilmFiles | None = None

    @property
    def is_rough(self) -> bool:
        """Whether it is where a rough cut goes: no other film has that word in its name."""
        return ".rough" in self.film.suffixes

    @property
    def srt(self) -> Path:
        """Its captions as SRT, where it has any."""
        return self.film.with_suffix(".srt")

    @property
    def vtt(self) -> Path:
        """The same as WebVTT."""
        return self.film.with_suffix(".vtt")

    @property
    def label(self) -> Path:
        """What says beside it, in plain words, that it was made by machines, where it was."""
        return self.film.with_suffix(".label.txt")

    @property
    def all(self) -> tuple[Path, ...]:
        """Every one of them."""
        own = self.film, self.cut_list, self.sheet, self.srt, self.vtt, self.label
        return *own, *(self.rough.all if self.rough is not None else ())


def film_files(
    out: Path, slug: str, service: ServiceName, *, delivery: str = "", container: str = AS_CUT.container
) -> FilmFiles:
    """
    Return the places of a film, `<slug>[.<delivery>][.sandbox].mp4`. One from the sandbox never takes the name of a real one.

    Args:
        delivery: Which film of the storyboard it is; empty for the master.
        container: What its name ends with.
    """
    end = "" if service == "xai" else f".{service}"
    if delivery:
        return _files(out / slug, f"{slug}.{delivery}{end}", container)
    rough = _files(out / slug, f"{slug}.rough{end}", container)
    return replace(_files(out / slug, f"{slug}{end}", container), rough=rough)


def files_of(out: Path, board: Storyboard, service: ServiceName) -> FilmFiles:
    """Return the places of the film of a storyboard, or of one of its deliveries."""
    return film_files(out, board.slug, service, delivery=board.delivery, container=board.finish.container)


def _files(folder: Path, name: str, container: str) -> FilmFiles:
    return FilmFiles(folder / f"{name}{container}", folder / f"{name}.cut.json", folder / f"{name}.png")


def lies_here(path: Path) -> bool:
    """
    Whether a file is there, in its own folder, and no link that leads out of it: what comes with a stranger's folder under a film's name
    may be anybody's file, and films are shown, kept and handed on.
    """
    try:
        return path.is_file() and path.resolve(strict=True).is_relative_to(path.parent.resolve(strict=True))
    except (OSError, RuntimeError):
        return False


def log_file(out: Path, slug: str, service: str) -> Path:
    """Return the place of the log of a film's runs, beside it: `<slug>.log`."""
    return out / slug / f"{slug}{'' if service == 'xai' else f'.{service}'}.log"


def rough_files(out: Path, slug: str, service: ServiceName, *, container: str = AS_CUT.container) -> FilmFiles:
    """Return the places of a rough cut: `<slug>.rough.mp4`."""
    rough = film_files(out, slug, service, container=container).rough
    assert rough is not None, "every master may have a rough cut"
    return rough


def places_of(out: Path, plan: Plan) -> Iterator[FilmFiles]:
    """Yield the places of each film of a plan, of rehearsed ones too."""
    services: tuple[ServiceName, ...] = ("xai", "sandbox")
    yield from (files_of(out, film.board, service) for film in plan.films for service in services)


def check_out(out: Path, films: Iterable[FilmFiles] = ()) -> None:
    """
    Refuse a folder that cannot take a film: it is of no use to learn that when all is bought.

    Args:
        out: The folder of all films; it is made if there is none.
        films: What is to go there: their own folders are tried too, where they are there.

    Raises:
        SettingsError: It cannot be made, or not be written, or something else has the name of a film.
    """
    try:
        try_out(out)
        wanted = [path for files in films for path in files.all]
        for own in dict.fromkeys(path.parent for path in wanted):
            if os.path.lexists(own):
                try_out(own)
        for path in wanted:
            if path.is_dir():
                raise MediaError(f"{path} is a folder, and a file is to have that name")
    except (MediaError, ValueError) as error:
        raise SettingsError(f"films cannot be put into {out}: {error}; give another --out") from error
