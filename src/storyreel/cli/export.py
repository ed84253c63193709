"""
Hand a film on to another editor: `storyreel export`.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from storyreel.cli.arguments import Board, Json, Rehearsals, Variants, Vars, VaultAddress, given_vars, switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.console import counted, say
from storyreel.delivery.exports.export import export_name
from storyreel.delivery.exports.export_data import ExportData, ExportsData
from storyreel.delivery.exports.library import opentimelineio
from storyreel.model.plan import PlannedFilm
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import MASTER
from storyreel.production.export import export_from_vault
from storyreel.production.prepare import Prepared, prepare_all
from storyreel.production.service import service_asked
from storyreel.variables.table import OUT


def export(
    board: Board,
    /,
    *,
    to: Annotated[
        Path, Parameter(help="The folder that it goes to: a new or an empty one, or that of an export before.")
    ],
    deliver: Annotated[
        tuple[str, ...], switch("--deliver", "This film, one of `deliver`, and not the master. May be repeated.")
    ] = (),
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help=f"Folder of the films, whose notes go along as markers. {OUT.in_help}"),
    ] = None,
    link: Annotated[
        bool,
        switch(
            "--link",
            "Link clips to the vault's own files where that can be, and copy none: who writes into one writes into the vault.",
        ),
    ] = False,
    as_json: Json = False,
) -> int:
    """
    Put a film's clips, its sound as stems and its timeline into a folder, for Resolve, Premiere, Final Cut and whatever reads one of their
    formats.

    Several films have a folder each within that one. What a format cannot hold is in NOTES.txt.

    Example: storyreel export storyboards/lighthouse.yaml --to lighthouse-edit
    """
    opentimelineio()
    every = prepare_all(
        board,
        vault=vault,
        out=out,
        root=Path.cwd(),
        given=given_vars(var),
        variant=variant,
        deliver=deliver or (MASTER,),
    )
    films = [(ready, film) for ready in every for film in ready.plan.films]

    async def exported() -> ExportsData:
        ready = every[0]
        await say_if_closed(ready.vault)
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
        done = []
        for each, film in films:
            folder = Path.cwd() / to
            folder = folder / export_name(each.plan, film, service) if len(films) > 1 else folder
            again = _again(film, each, vault, service)
            done.append(await export_from_vault(each, film, service, folder, link=link, again=again))
        return ExportsData(exports=tuple(done))

    data = asyncio.run(exported())
    if as_json:
        print_json(data)
    else:
        show(Screen(), data.exports)
    return 0


def _again(film: PlannedFilm, ready: Prepared, vault: str | None, service: ServiceName) -> str:
    """Return the command that makes a film."""
    words = ["storyreel", "shoot", *ready.plan.board.words]
    words += ["--deliver", film.name] if film.name else []
    words += ["--vault", vault] if vault is not None else []
    words += ["--sandbox"] if service == "sandbox" else []
    return shlex.join(words)


def show(console: Console, exports: Sequence[ExportData]) -> None:
    """Show what was exported, and what there is to know of it."""
    for each in exports:
        written = counted(len(each.changed), "file") if each.changed else "nothing new"
        say(console, f"{each.name}: {each.seconds:.1f} s, {each.frames} frames at {each.fps:.6g}, {written}")
        say(console, f"  {each.folder}")
        for form in each.formats:
            if form.file is None:
                say(console, f"  no {form.name}: {'; '.join(form.notes)}")
        names = ", ".join(form.file for form in each.formats if form.file is not None)
        say(console, f"  {names}")
        say(console, f"  {counted(len(each.clips), 'clip')}, {counted(len(each.stems), 'stem')}")
        if not each.was_cut:
            say(console, "  the film itself was not cut so far: this is its timeline as its clips give it")
        number = sum(len(form.notes) for form in each.formats) + len(each.notes)
        say(console, f"  NOTES.txt says what the formats cannot hold: {counted(number, 'note')}")
