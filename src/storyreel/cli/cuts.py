"""
What a person is told of what was cut beside the film: a rough cut, and single scenes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from storyreel.cli.render import broken
from storyreel.console import say
from storyreel.delivery.places import rough_files
from storyreel.delivery.rough import RoughCut
from storyreel.delivery.scene_files import put_scene, scene_files
from storyreel.errors import StoryreelError
from storyreel.model.recipe import ServiceName
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Prepared
from storyreel.production.rough import cut_from_vault
from storyreel.production.service import service_asked


async def cut_what_is_there(ready: Prepared, console: Console, *, sandbox: bool) -> None:
    """
    Cut what the vault has, without anybody being asked, and say what was written and what is missing.

    Raises:
        MediaError, VaultError: It cannot be cut.
    """
    settings = ready.settings
    if not sandbox and settings.key is None and sys.stdin.isatty() and console.is_terminal:
        say(console, "There is no XAI_API_KEY, so this goes by what was rehearsed with the sandbox.")
        sandbox = True
    service = await service_asked(settings, ready.catalog, ready.vault, sandbox=sandbox)
    cut = await cut_from_vault(ready, service, lambda _: None)
    if isinstance(cut, RoughCut):
        say_rough(ready, service, cut.words, console)
    else:
        say(console, f"Nothing is missing, so this is the film: {_as_given(ready, cut.path)}, {cut.seconds:.1f} s")
    await show_scenes(ready, ready.only, service, console)


def say_rough(ready: Prepared, service: ServiceName, words: str, console: Console) -> None:
    """Say where the rough cut is, how long it is, and what is missing."""
    board = ready.plan.board
    film = rough_files(ready.out, board.slug, service, container=board.finish.container).film
    place = f"rough cut: {_as_given(ready, film)}"
    if not console.is_terminal:
        say(console, f"{place}, {words}")
        return
    # A path is copied, so the terminal alone breaks it; what is read is broken between words.
    say(console, place)
    console.print(broken(Text(f"  {words}"), console, "  "), soft_wrap=True)


async def show_scenes(ready: Prepared, scenes: Sequence[str], service: ServiceName, console: Console) -> None:
    """Put the clip of each of these scenes where it can be looked at, with a contact sheet, and say where it is."""
    plan = ready.plan
    outlook = await forecast(plan, ready.vault, service, allowed=ready.allowed) if scenes else ()
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    for name in dict.fromkeys(scenes):
        files, scene = scene_files(ready.out, plan.board.slug, name, service), plan.board.scene(name.rpartition(":")[2])
        try:
            there = await put_scene(plan, name, clips, ready.vault, files)
        except StoryreelError as error:
            say(console, f"scene {name}: it cannot be shown by itself: {error}")
            continue
        if there:
            say(console, f"contact sheet of {name}: {_as_given(ready, files.sheet)}")
            say(console, f"scene {name}: {_as_given(ready, files.clip)}")
        elif scene.footage is not None and not scene.then:
            say(console, f"scene {name}: your own {scene.footage.path}")
        elif scene.drawn is not None:
            say(console, f"scene {name}: it is drawn for the film, and has no clip")


def _as_given(ready: Prepared, file: Path) -> Path:
    """Return a place in the folder for films as a person has named that folder: a run leaves theirs for another one."""
    return ready.settings.out / file.relative_to(ready.out)
