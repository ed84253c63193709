"""A head start on the cut makes what the cut would make, and changes nothing of the film."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.delivery.assemble import assemble
from storyreel.delivery.head_start import HeadStart
from storyreel.errors import MediaError
from storyreel.media import Survey
from storyreel.model.captions import Captioning, Say
from storyreel.model.recipe import Clip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.model.words import Title
from storyreel.vault import Vault, open_vault
from tests.delivery.test_cost_of_a_cut import REGROUPED, WINDOW, Log, log
from tests.delivery.test_cut import SIZE, Studio, own_shot, shot, studio
from tests.delivery.test_titles import titled

SHOWN = ["s0/video", "s1/video", "s2/video", "s3/video"]

__all__ = ["log", "studio"]  # fixtures


def film(studio: Studio) -> Timeline:
    """Return a film with a window at each joint and under each title, a clip of one group, and own footage of another rate."""
    shots = (
        shot(0, into=Transition("fade-black", 0.5)),
        titled(shot(1, into="dissolve"), Title("MMM", 0.5, 0.5, size=20)),
        shot(3, into="wipe-left"),
        shot(2, into="dissolve"),
        shot(3, into="dissolve"),
        titled(own_shot(studio, 0.0, 3.0), Title("MMM", 1.0, 0.5, size=20)),
        titled(shot(0, into="dissolve"), Title("MMM", 0.0, 1.0, size=20), Title("W", 3.0, size=20)),
    )
    return Timeline(SIZE, shots, Transition("fade-black", 0.5))


async def of_its_own(studio: Studio, folder: Path) -> Vault:
    """Return another vault with the same clips, in which nothing has been made of them."""
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    for clip in studio.clips.values():
        await vault.clips.keep(await studio.vault.clips.local(clip.sha256), ".mp4")
    return vault


async def prepared(
    studio: Studio,
    vault: Vault,
    survey: Survey,
    order: list[str],
    timeline: Timeline | None = None,
    turn: asyncio.Lock | None = None,
) -> None:
    """Give a head start as clips come in this order, to its end."""
    async with HeadStart([timeline or film(studio)], vault, survey, turn) as ahead:
        ahead.begin()
        for step in order:
            ahead.has_clip(step, studio.clips[step])
            await asyncio.sleep(0.05)
        while not ahead.is_idle:
            await asyncio.sleep(0.05)
        await ahead.end()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.some(1)
async def test_a_film_is_the_same_with_a_head_start_and_leaves_nothing_to_encode(
    studio: Studio, log: Log, tmp_path: Path, seed: int
):
    """
    In whatever order clips come: once the last one is there all windows are, and the film has the bytes that it has without.
    """
    alone = await of_its_own(studio, tmp_path / "alone")
    _, plain = await assemble(film(studio), studio.clips, alone)
    encoded = log.encoded()

    vault, survey = await of_its_own(studio, tmp_path / "ahead"), Survey()
    order = random.Random(seed).sample(SHOWN, len(SHOWN))
    await prepared(studio, vault, survey, order)
    made_ready = log.encoded()
    _, record = await assemble(film(studio), studio.clips, vault, survey)

    assert {REGROUPED, WINDOW} < {*encoded}
    assert sorted(encoded) == sorted(made_ready)
    assert [] == log.encoded()
    assert plain == record


async def test_burnt_captions_are_ready_too(studio: Studio, log: Log, tmp_path: Path):
    """
    Each over the first shot of its scene; one that comes back has none.
    """
    captioned = tuple(replace(shot(at), say=(Say("MMM"),)) for at in (0, 1, 0, 2))
    timeline = Timeline(SIZE, captioned, captions=Captioning(burn=True))
    vault, survey = await of_its_own(studio, tmp_path / "ahead"), Survey()
    await prepared(studio, vault, survey, ["s2/video", "s1/video", "s0/video"], timeline)
    assert {WINDOW} == {*log.encoded()}

    await assemble(timeline, studio.clips, vault, survey)
    assert [] == log.encoded()


async def test_of_two_films_the_first_comes_first_and_the_second_is_made_ready_after_it(
    studio: Studio, log: Log, tmp_path: Path
):
    """
    One thing at a time over both; what is left to the cuts is nothing.
    """
    shots = shot(0), shot(1, into="dissolve")
    wide, square = Timeline(SIZE, shots), Timeline((SIZE[1], SIZE[1]), shots)
    vault, survey = await of_its_own(studio, tmp_path / "ahead"), Survey()
    async with HeadStart([wide, square], vault, survey) as ahead:
        for step in ("s0/video", "s1/video"):
            ahead.has_clip(step, studio.clips[step])
        ahead.begin()
        while not ahead.is_idle:
            await asyncio.sleep(0.02)
        await ahead.end()
    order = log.encoded()
    for timeline in (wide, square):
        await assemble(timeline, studio.clips, vault, survey)

    assert [] == log.encoded()
    # The clips of the first film have its size; those of the second are conformed.
    assert [WINDOW, "48", "48", WINDOW] == order


async def test_nothing_is_made_until_there_is_something_to_wait_for(studio: Studio, log: Log, tmp_path: Path):
    """
    A run that finds all of its clips may find its film, too.
    """
    vault = await of_its_own(studio, tmp_path)
    async with HeadStart([film(studio)], vault, Survey()) as ahead:
        for step, clip in studio.clips.items():
            ahead.has_clip(step, clip)
        await asyncio.sleep(0.1)
        await ahead.end()

    assert [] == log.encoded()


async def test_one_thing_is_made_at_a_time(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    It has a processor beside the run, and not all of them.
    """
    living: set[int] = set()
    most = []
    real = asyncio.create_subprocess_exec

    async def counted(*args: object, **options: object) -> asyncio.subprocess.Process:
        process = await real(*args, **options)  # type: ignore[arg-type]
        living.add(process.pid)
        most.append(len(living))
        over = process.wait

        async def wait() -> int:
            code = await over()
            living.discard(process.pid)
            return code

        process.wait = wait  # type: ignore[method-assign]
        asyncio.get_running_loop().create_task(wait())
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    turn = asyncio.Lock()
    # Of two storyboards that are shot in one run as well.
    await asyncio.gather(
        prepared(studio, await of_its_own(studio, tmp_path / "one"), Survey(), SHOWN, turn=turn),
        prepared(studio, await of_its_own(studio, tmp_path / "other"), Survey(), SHOWN[:2], turn=turn),
    )

    assert {1} == {*most}


async def test_what_is_wrong_is_left_for_the_cut_to_say(studio: Studio, tmp_path: Path):
    """
    A clip that cannot be shown fails no preparing, and keeps none of the others from being made ready.
    """
    vault = await of_its_own(studio, tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    broken = Clip(request_id="r", sha256=await vault.clips.keep(tmp_path / "broken.mp4", ".mp4"), frames=96)
    clips = {**studio.clips, "s3/video": broken}
    async with HeadStart([film(studio)], vault, Survey()) as ahead:
        ahead.begin()
        for step in ("s3/video", "s0/video", "s1/video", "s2/video"):
            ahead.has_clip(step, clips[step])
        while not ahead.is_idle:
            await asyncio.sleep(0.05)
        await ahead.end()

    assert await windows(tmp_path)
    with pytest.raises(MediaError, match=r"scene 's3' \(s3/video\)"):
        await assemble(film(studio), clips, vault)


async def windows(folder: Path) -> list[Path]:
    """Return the windows in a vault."""
    return sorted((folder / "vault/derived/windows").glob("*.mp4"))


@pytest.mark.parametrize("after_s", [0.0, 0.15, 0.4, 0.9])
@pytest.mark.some(1)
async def test_stopped_anywhere_it_leaves_what_is_whole(studio: Studio, tmp_path: Path, after_s: float):
    """
    The cut that comes after it is none the wiser.
    """
    vault = await of_its_own(studio, tmp_path / "stopped")
    async with HeadStart([film(studio)], vault, Survey()) as ahead:
        ahead.begin()
        for step, clip in studio.clips.items():
            ahead.has_clip(step, clip)
        await asyncio.sleep(after_s)
    _, record = await assemble(film(studio), studio.clips, vault)
    _, plain = await assemble(film(studio), studio.clips, await of_its_own(studio, tmp_path / "alone"))

    assert plain == record
