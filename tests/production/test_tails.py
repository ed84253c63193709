"""
A chain that is as long as its story, shot and cut: no frame is shown twice, and none is lost.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from storyreel.delivery.exports.gathered import gathered
from storyreel.errors import StoryboardError
from storyreel.production.approval.review import review_of
from storyreel.production.prepare import prepare, prepare_all
from storyreel.production.run import RunResult
from storyreel.sandbox.stage import clips as stage
from tests.desk import Desk
from tests.production import numbered_clips
from tests.production.numbered_clips import numbers
from tests.production.test_several_films import listed, shot

HEAD = """\
title: Small
defaults: {model: grok-imagine-video, duration: 6, resolution: 480p, aspect_ratio: "16:9"}
scenes:
"""
MINUTE = (
    HEAD
    + """\
  - id: ride
    prompt: "Inside the tram, lights pass."
    then:
      - {extend: "A tunnel.", duration: 9}
      - {extend: "Light.", duration: 9}
      - {extend: "A bridge.", duration: 9}
      - {extend: "The sea.", duration: 9}
      - {extend: "A station.", duration: 9}
      - {extend: "Rain.", duration: 9}
"""
)


SHORT = f'{numbered_clips.SIZES}[video."grok-imagine-video".extend]\ninput_seconds = [2, 3]\n'
"""A catalogue by which a clip of four seconds is too long to go in: its last three do."""
RIDE = (
    HEAD
    + """\
  - id: ride
    prompt: "A tram."
    duration: 2
    then: [{extend: "A tunnel.", duration: 2}, {extend: "Light.", duration: 2}, {extend: "Rain.", duration: 3}]
"""
)
"""Two seconds, two more, and by its tail two and three: nine, which are 216 frames."""
ALL = [*range(216)]


@pytest.fixture
def numbered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose sandbox numbers its frames."""
    monkeypatch.setattr(stage, "text_to_video", numbered_clips.from_words)
    monkeypatch.setattr(stage, "extend_video", numbered_clips.extended)
    catalogue = desk.folder / "small.toml"
    catalogue.write_text(numbered_clips.SIZES, encoding="utf-8")
    monkeypatch.setenv("STORYREEL_CATALOG", str(catalogue))
    return desk


@pytest.fixture
def tram(numbered: Desk) -> Desk:
    """Return the same with a chain that is shot in a moment."""
    (numbered.folder / "small.toml").write_text(SHORT, encoding="utf-8")
    numbered.write(RIDE)
    return numbered


def shown(result: RunResult) -> list[int]:
    """Return the numbers of the frames of a film."""
    return numbers(result.films[0].path)


@pytest.mark.long
async def test_six_extensions_make_a_minute_without_a_repeated_or_a_lost_frame(numbered: Desk) -> None:
    """
    Sixty seconds are 1440 frames, numbered by a service that counts on from what was fed to it. Shot again it buys and encodes nothing.
    """
    numbered.write(MINUTE)
    result = await shot(numbered)

    assert shown(result) == [*range(1440)]
    assert [(part["step"], part["start"], part["end"]) for part in listed(numbered)["cuts"][0]["parts"]] == [
        ("ride/video", 0, 6),
        *((f"ride/extend-{number}", 9 * number - 3, 9 * number + 6) for number in range(1, 7)),
    ]
    there, sent = {*(numbered.folder / "vault").rglob("*.mp4")}, len(numbered.posts())
    await shot(numbered, run_id="two")
    assert (there, sent) == ({*(numbered.folder / "vault").rglob("*.mp4")}, len(numbered.posts()))


@pytest.mark.parametrize(
    ("cut", "frames"),
    [
        pytest.param(
            "{scene: ride, start: 3.5, end: 7}", ALL[84:168], id="trimmed-across-parts", marks=pytest.mark.long
        ),
        pytest.param("{scene: ride, start: -4}", ALL[-96:], id="counted-from-its-end", marks=pytest.mark.long),
        pytest.param("{scene: ride, start: 3, end: 8, speed: 2}", ALL[72:192:2], id="twice-as-fast-across-parts"),
        pytest.param(
            "{scene: ride, end: 1.5}, {scene: ride, start: 5.5, end: 6.5}",
            [*ALL[:36], *ALL[132:156]],
            id="shown-twice",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_a_cut_counts_in_the_seconds_of_all_parts(tram: Desk, cut: str, frames: list[int]) -> None:
    """
    Trims and speeds know nothing of tails: the clip of the scene is one.
    """
    tram.write(f"{RIDE}cut: {{order: [{cut}]}}\n")

    assert shown(await shot(tram)) == frames


async def test_a_part_that_is_made_again_takes_what_follows_along(tram: Desk) -> None:
    """
    What goes on from its tail is another request; what comes before it is bought once.
    """
    first = await shot(tram)
    sent = len(tram.posts())
    again = await shot(tram, run_id="two", redo=["ride/extend-2"])

    assert sent + 2 == len(tram.posts())
    assert shown(first) == shown(again) == ALL
    assert first.ends["ride/extend-1"] == again.ends["ride/extend-1"]


def coming(change: Callable[[list[int], int], list[int]]) -> Callable[..., None]:
    """Return an extension of a service that does something else: from what was fed to it, and how many frames are wanted."""

    def extended(_: str, source: Path, seconds: float, to: Path, __: bool | None = None) -> None:
        numbered_clips.film(change(numbers(source), round(seconds * 24)), to)

    return extended


@pytest.mark.parametrize(
    ("change", "frames", "marked"),
    [
        pytest.param(
            lambda fed, wanted: [*fed, *range(fed[-1] + 1, fed[-1] + 1 + wanted - 12)],
            216 - 36,
            True,
            id="shorter",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda fed, wanted: [*fed, *range(fed[-1] + 1, fed[-1] + 1 + wanted + 5)],
            216 + 15,
            False,
            id="longer",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda fed, wanted: [*(fed if fed[0] == 0 else []), *range(fed[-1] + 1, fed[-1] + 1 + wanted)],
            216,
            True,
            id="without-what-was-fed",
        ),
        pytest.param(
            lambda fed, wanted: [*(fed if fed[0] == 0 else []), *range(fed[-1] + 1, fed[-1] + 1 + wanted + 40)],
            216 + 120,
            True,
            id="longer-and-without-it",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda fed, wanted: [*fed, *(range(fed[-1] + 1, fed[-1] + 1 + wanted) if fed[0] == 0 else [])],
            96,
            True,
            id="nothing-but-what-was-fed",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_what_comes_back_otherwise_than_asked_is_shown_once(
    tram: Desk,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[list[int], int], list[int]],
    frames: int,
    marked: bool,
) -> None:
    """
    The numbers run through whatever came; from a quarter of a second on the difference is told, with what makes the clip anew.
    """
    monkeypatch.setattr(stage, "extend_video", coming(change))
    result = await shot(tram)

    assert shown(result) == [*range(frames)]
    notes = [note for note in listed(tram)["notes"] if "another length than asked" in note]
    assert bool(notes) is marked
    assert sum(part["measured_seconds"] for part in listed(tram)["cuts"][0]["parts"]) == pytest.approx(frames / 24)


async def test_a_frame_of_a_part_is_cut_from_the_clip_that_shows_it(
    tram: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The sixth second of the scene is in what the second extension has added, and its picture is that of the film.
    """
    seen: list[int] = []

    def begins(shot: stage.Shot, picture: Path, to: Path) -> None:
        with Image.open(picture) as first:
            seen.append(numbered_clips.read(np.array(first.convert("L"))))
        numbered_clips.film(range(shot.frames), to)

    monkeypatch.setattr(stage, "image_to_video", begins)
    tram.write(RIDE + '  - {id: face, duration: 1, image: {frame_of: ride, at: 5.5}, prompt: "She turns."}\n')
    await shot(tram)

    assert seen == [132]


@pytest.mark.long
async def test_a_part_that_fails_leaves_no_film_and_loses_nothing(tram: Desk) -> None:
    """
    The scene is a placeholder of its whole length; what is there of it is bought once, and the next run goes on.
    """
    tram.change("Light.", "Light. [[sandbox: moderated]]")
    failed = await shot(tram)
    sent = len(tram.posts())
    tram.change("Light. [[sandbox: moderated]]", "Light.")
    again = await shot(tram, run_id="two")

    assert failed.films == ()
    assert failed.rough is not None
    assert failed.rough.film.frames == 216
    assert list(failed.rough.missing) == ["ride"]
    assert (sent, len(tram.posts())) == (3, 5)
    assert shown(again) == ALL


DISSOLVED = """\
  - {id: shore, prompt: "The shore.", duration: 2}
cut:
  order:
    - {scene: ride, start: 1, end: 8}
    - {scene: shore, start: 0.5, transition: {kind: dissolve, duration: 0.5}}
"""


@pytest.mark.long
async def test_a_transition_takes_its_frames_from_beyond_the_cut_in_the_joined_clip(tram: Desk) -> None:
    """
    Both clips have handles, so the film is as long as it was asked to be, and what is seen alone of the ride are its frames.
    """
    tram.write(RIDE + DISSOLVED)
    film = shown(await shot(tram))

    assert len(film) == (7 * 24) + 36
    assert film[: 7 * 24 - 6] == ALL[24 : 24 + 7 * 24 - 6]


VARIED = f"""\
vars: {{city: Lisbon}}
variants: {{lisbon: {{}}, porto: {{vars: {{city: Porto}}}}}}
{RIDE.replace("A tunnel.", "A tunnel in {{ city }}.")}deliver:
  native: {{aspect_ratio: "9:16", regenerate: true}}
"""


@pytest.mark.long
async def test_variants_and_deliveries_have_chains_of_their_own(tram: Desk) -> None:
    """
    What is asked alike is bought once: the first clip of a ratio. Each chain is joined of its own parts.
    """
    tram.write(VARIED)
    plans = prepare_all(str(tram.board))
    steps = [[shot.steps for film in each.plan.films for shot in film.timeline.picture] for each in plans]

    def chain(prefix: str) -> tuple[str, ...]:
        return tuple(f"{prefix}ride/extend-{number}" for number in (1, 2, 3))

    assert steps == [
        [chain("lisbon:"), chain("lisbon:native:")],
        [chain("porto:"), chain("porto:native:")],
    ]


@pytest.mark.long
async def test_what_is_swept_up_is_joined_again_and_nothing_is_bought(tram: Desk) -> None:
    """
    The joined clip can be made again from the clips of its parts, which no sweep takes.
    """
    first = await shot(tram)
    sent = len(tram.posts())
    for folder in ("derived", "clips/broken"):
        shutil.rmtree(tram.folder / "vault" / folder, ignore_errors=True)
    first.films[0].path.unlink()
    again = await shot(tram, run_id="two")

    assert shown(again) == ALL
    assert len(tram.posts()) == sent


@pytest.mark.long
async def test_all_parts_of_a_scene_are_looked_at_before_the_film_is_cut(tram: Desk) -> None:
    """
    Whoever approves the film's clips is shown the one before the first tail, and each that goes on from one.
    """
    await shot(tram)
    ready = prepare(str(tram.board))
    ends = (await shot(tram, run_id="two")).ends
    clips = {step: end for step, end in ends.items() if not isinstance(end, BaseException)}
    board = replace(ready.plan.board, review=("before-final",))
    review = review_of(replace(ready.plan, board=board), "sandbox", clips, set(clips), gate="before-final")

    assert review is not None
    assert [look.step for look in review.looks] == [f"ride/extend-{number}" for number in (1, 2, 3)]


@pytest.mark.long
async def test_a_part_of_another_rate_is_fitted_to_the_others(tram: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What was fed is found by its seconds, and the film has 24 frames a second: the ride is as long as it was asked to be.
    """

    def at_thirty(prompt: str, source: Path, seconds: float, to: Path, _: bool | None = None) -> None:
        fed = numbers(source)
        every = [*fed, *range(fed[-1] + 1, fed[-1] + 1 + round(seconds * 24))]
        if prompt == "Rain.":
            numbered_clips.film([every[at * 24 // 30] for at in range(len(every) * 30 // 24)], to, 30)
        else:
            numbered_clips.film(every, to)

    monkeypatch.setattr(stage, "extend_video", at_thirty)
    film = shown(await shot(tram))

    assert film[:144] == ALL[:144]
    assert film == sorted(film)
    assert (len(film), film[144], film[-1]) == (216, 144, 215)


@pytest.mark.long
async def test_an_export_has_the_joined_clip_under_a_name_that_no_take_has(tram: Desk) -> None:
    """
    Another take of its last step is no other take of the scene, so there is none beside it; its steps and requests are named.
    """
    result = await shot(tram)
    ready = prepare(str(tram.board))
    clips = {step: end for step, end in result.ends.items() if not isinstance(end, BaseException)}
    there = await gathered(ready.plan, ready.plan.films[0], "sandbox", clips, ready.vault, name="small")
    (shown_shot,) = there.edit.shots

    assert shown_shot.media.place.endswith("/SMALL_010_ride_joined.mp4")
    assert (shown_shot.media.frames, shown_shot.called, dict(shown_shot.others)) == (216, "joined", {})
    assert shown_shot.facts["step"] == "ride/extend-1, ride/extend-2, ride/extend-3"
    assert numbers(there.files[shown_shot.media.place]) == ALL


async def test_a_pin_that_goes_on_from_another_part_of_a_clip_is_refused(tram: Desk) -> None:
    """
    Where its new part begins would be looked for in another place than it is: seconds would be shown twice, or none of them.
    """
    result = await shot(tram)
    end = result.ends["ride/extend-2"]
    assert not isinstance(end, BaseException)
    (tram.folder / "small.toml").write_text(numbered_clips.SIZES, encoding="utf-8")
    tram.change('{extend: "Light.", duration: 2}', f'{{extend: "Light.", duration: 2, pin: {end.request_id}}}')

    with pytest.raises(StoryboardError, match="goes on from the tail of a clip, and ride/extend-2 from all of a clip"):
        await shot(tram, run_id="two")
    assert len(tram.posts()) == 4


TEN = f'{numbered_clips.SIZES}[video."grok-imagine-video".extend]\ninput_seconds = [2, 10]\n'
"""A catalogue by which a clip over ten seconds is extended by its last eight."""


@pytest.mark.long
async def test_a_pinned_take_of_another_length_shows_nothing_twice(numbered: Desk) -> None:
    """
    Two seconds behind eight that were fed are as long as the ten that are asked for now, and yet eight of them are no new ones.
    """
    (numbered.folder / "small.toml").write_text(TEN, encoding="utf-8")
    light, rain = '{extend: "Light.", duration: 2}', '{extend: "Rain.", duration: 3}'
    numbered.write(
        f'{HEAD}  - {{id: ride, prompt: "A tram.", then: [{{extend: "Sea.", duration: 6}}, {light}, {rain}]}}\n'
    )
    end = (await shot(numbered)).ends["ride/extend-2"]
    assert not isinstance(end, BaseException)
    numbered.change("duration: 2", f"duration: 10, pin: {end.request_id}")
    again = await shot(numbered, run_id="two")

    assert shown(again) == [*range(17 * 24)]
    assert len(numbered.posts()) == 5
