"""
What a person reads of a plan and of `why`, after each change that they make. Every file `plans/<case>.txt` is such a case: the
plan on 80 columns and on 140, and why one step is bought.
"""

from __future__ import annotations

import json
import os
import shutil
import wave
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from jsonschema import validate
from PIL import Image
from rich.console import Console

from tests.cli.shot import shoot
from tests.cli.test_render import DOCS, storyreel

CASES = Path(__file__).parent / "plans"
BOARD = """
title: The Last Tram
style: 35 mm film, muted colours
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
cast:
  ana: {references: [ana.png]}
scenes:
  - id: city
    prompt: A city at night from above, one tram climbs the hill.
  - id: stop
    references: [ana]
    prompt: "{{ ref.ana }} crosses a flower meadow at dusk, slowly, her hands in the tops of the grass, and looks back once."
    then:
      - extend: She runs on.
        duration: 4
  - id: face
    image: {last_frame_of: stop}
    prompt: She turns her head.
"""
DEARER = """
[video."grok-imagine-video".price]
second = { "480p" = 0.06, "720p" = 0.08 }
"""


@pytest.fixture
def tram(place: Path) -> Path:
    """Return a board, with the picture that it needs."""
    board = place / "tram.yaml"
    board.write_text(BOARD)
    Image.new("RGB", (64, 36), "gold").save(place / "ana.png")
    return board


def at_first(board: Path, *, lost: Sequence[str] = (), marked: bool = True) -> tuple[str, ...]:
    """Shoot a board for the first time."""
    return shoot(board, "2026-11-26T11:17", lost=lost, marked=marked)


def screens(board: Path, step: str) -> str:
    """Return the plan of a board on 80 and on 140 columns, and why a step of it is bought on 80; without colour."""
    shown = []
    for command, width in (("plan", 80), ("plan", 140), ("why", 80)):
        screen = partial(
            Console, width=width, force_terminal=True, color_system=None, highlight=False, markup=False, emoji=False
        )
        words = [command, board.name, *([step] if command == "why" else [])]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(f"storyreel.cli.{command}.Screen", screen)
            done = storyreel(*words, cwd=board.parent)
        assert done.returncode == 0, done.stderr
        shown.append(f"$ storyreel {' '.join(words)}    # {width} columns\n{done.stdout}")
    return "\n".join(shown).replace(str(board.parent), "")


def untouched(board: Path) -> None:
    """Leave a board as it is."""


def word_by_word(old: str, new: str) -> Callable[[Path], None]:
    """Return what edits a board."""

    def edit(board: Path) -> None:
        text = board.read_text()
        assert old in text
        board.write_text(text.replace(old, new))

    return edit


def with_another_picture(board: Path) -> None:
    """Replace the picture of a member of the cast, under the name that it had."""
    Image.new("RGB", (64, 36), "navy").save(board.parent / "ana.png")


def dearer(board: Path) -> None:
    """Have a catalogue of one's own, in which a second costs a cent more."""
    (board.parent / "own.toml").write_text(DEARER)
    os.environ["STORYREEL_CATALOG"] = str(board.parent / "own.toml")


def elsewhere(board: Path) -> None:
    """Name another vault, as whoever forgets where theirs is does."""
    os.environ["STORYREEL_VAULT"] = f"file:{board.parent / 'another'}"


def redone(board: Path) -> None:
    """Make the first clip of a scene again, and have the run end before what goes on from it."""
    text = board.read_text()
    board.write_text(text[: text.index("    then:")])
    assert shoot(board, "2026-11-26T12:00", redo=["stop"]) == ("stop/video",)
    board.write_text(text)


def longer_and_with_a_stranger(board: Path) -> None:
    """Change a length, which has a price, and put one picture more in."""
    Image.new("RGB", (64, 36), "white").save(board.parent / "dog.png")
    word_by_word("[ana.png]", "[ana.png, dog.png]")(board)
    word_by_word("references: [ana]", "references: [ana]\n    duration: 8")(board)


SHOT: dict[str, tuple[Callable[[Path], tuple[str, ...]], Callable[[Path], None], str]] = {
    "nothing-changed": (at_first, untouched, "stop/extend-1"),
    "a-word-changed": (at_first, word_by_word("flower meadow", "snowy field"), "stop/extend-1"),
    "style-changed": (at_first, word_by_word("muted colours", "warm light"), "stop"),
    "a-reference-replaced": (at_first, with_another_picture, "stop"),
    "several-fields-changed": (at_first, longer_and_with_a_stranger, "stop"),
    "an-upstream-take-redone": (at_first, redone, "face"),
    "catalogue-price-changed": (at_first, dearer, "stop/extend-1"),
    "renamed-scene": (at_first, word_by_word("stop", "meadow"), "meadow/extend-1"),
    "another-vault": (at_first, elsewhere, "stop/extend-1"),
    "an-answer-lost": (partial(at_first, lost=["city/video"]), untouched, "city"),
    "no-index": (partial(at_first, marked=False), word_by_word("flower meadow", "snowy field"), "stop"),
}
"""How the board was shot, what a person does then, and the step that they ask about."""


@pytest.mark.parametrize("case", SHOT)
def test_a_plan_says_what_has_changed(tram: Path, case: str):
    """
    Which field, with both values; what follows it; what is at risk; what costs nothing: prices, names, another vault.
    """
    shot, done_then, step = SHOT[case]
    shot(tram)
    done_then(tram)

    assert (CASES / f"{case}.txt").read_text(encoding="utf-8") == screens(tram, step)


def test_the_readme_shows_a_plan_as_it_is():
    """
    What a newcomer sees there is what the command prints.
    """
    shown = (CASES / "a-word-changed.txt").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()[1:]

    assert "\n".join(shown) in (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_why_is_data(tram: Path):
    """
    Both requests of a step and of all above it, whole, in the shape of the docs' schema.
    """
    at_first(tram)
    word_by_word("flower meadow", "snowy field")(tram)
    data = json.loads(storyreel("why", tram, "face", "--json").stdout)
    validate(data, json.loads((DOCS / "why.schema.json").read_text(encoding="utf-8")))
    stop = data["steps"][2]

    assert [step["id"] for step in data["steps"]] == ["face/video", "stop/extend-1", "stop/video"]
    assert "flower meadow" in stop["then"]["recipe"]["body"]["prompt"]
    assert "snowy field" in stop["now"]["body"]["prompt"]
    assert [change["field"] for change in stop["changes"]] == ["prompt"]


@pytest.mark.parametrize(("sandbox", "over"), [(False, "over the budget of $10.00: a run asks first"), (True, "")])
def test_a_plan_says_what_a_run_would_not_begin(tram: Path, sandbox: bool, over: str):
    """
    Over the default as over a budget of its own; a rehearsal has no default.
    """
    scenes = "".join(f"  - {{id: s{n}, prompt: Scene {n}., duration: 10}}\n" for n in range(20))
    tram.write_text(f"defaults: {{duration: 6}}\nscenes:\n{scenes}")
    screen = storyreel("plan", tram, *(["--sandbox"] if sandbox else [])).stdout

    assert over in screen
    assert bool(over) == ("over the budget" in screen)


def test_captions_and_chapters_of_a_plan_are_data(tram: Path):
    """
    In seconds of the film as it is to be.
    """
    words = tram.read_text(encoding="utf-8")
    text = words.replace("  - id: city\n", '  - id: city\n    say: "Look!"\n').rstrip("\n")
    tram.write_text(f"{text}\ncut: {{captions: {{language: pt}}, chapters: true}}\n", encoding="utf-8")
    data = json.loads(storyreel("plan", tram, "--json").stdout)
    validate(data, json.loads((DOCS / "plan.schema.json").read_text(encoding="utf-8")))
    [caption] = data["captions"].pop("captions")

    assert {"burn": False, "language": "pt", "file": None} == data["captions"]
    assert ("city", 0.0, "Look!") == (caption["scene"], caption["start"], caption["text"])
    assert ["city", "stop", "face"] == [chapter["name"] for chapter in data["chapters"]]
    assert caption["end"] == data["chapters"][0]["end"] == data["chapters"][1]["start"]


def test_what_is_heard_of_a_plan_is_data(tram: Path):
    """
    What is laid over, and music, in seconds of the film, in the order in which they begin; and the loudness.
    """
    for name, seconds in (("bed.wav", 2), ("ana.wav", 1)):
        with wave.open(str(tram.parent / name), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(2 * 8000 * seconds))
    words = tram.read_text(encoding="utf-8").replace(
        "  - id: stop\n", "  - id: stop\n    voiceover: [{file: ana.wav, at: 1, gain_db: -3}]\n"
    )
    text = (
        f"{words.rstrip()}\ncut: {{music: [{{file: bed.wav, from: stop, loop: true, duck_db: -8}}], loudness: -16}}\n"
    )
    tram.write_text(text, encoding="utf-8")
    data = json.loads(storyreel("plan", tram, "--json").stdout)
    validate(data, json.loads((DOCS / "plan.schema.json").read_text(encoding="utf-8")))
    begins = data["cut"][0]["seconds"]
    music, voice = data["sounds"]

    assert -16 == data["loudness"]
    assert {
        "kind": "voiceover", "file": "ana.wav", "scene": "stop", "start": begins + 1, "end": begins + 2, "gain_db": -3, "duck_db": 0
    } == voice  # fmt: skip
    assert ("music", "bed.wav", "stop", begins, -8) == tuple(
        music[key] for key in ("kind", "file", "scene", "start", "duck_db")
    )
    assert sum(shot["seconds"] for shot in data["cut"]) == music["end"]


def test_a_plan_is_data_with_all_that_its_screen_says(tram: Path):
    """
    Sums by scene, the vault, the last run, what has changed, and what is billed.
    """
    at_first(tram)
    word_by_word("flower meadow", "snowy field")(tram)
    data = json.loads(storyreel("plan", tram, "--json").stdout)
    validate(data, json.loads((DOCS / "plan.schema.json").read_text(encoding="utf-8")))
    extension = next(step for step in data["steps"] if step["id"] == "stop/extend-1")

    assert [(step["id"], step["sign"]) for step in data["steps"]] == [
        ("city/video", "="), ("stop/video", "~"), ("stop/extend-1", "~"), ("face/video", "~"),
    ]  # fmt: skip
    assert [(scene["name"], scene["usd"], scene["saved_usd"]) for scene in data["scenes"]] == [
        ("city", 0, 0.35), ("stop", 0.982, 0), ("face", 0.352, 0),
    ]  # fmt: skip
    assert (extension["billed_seconds"], extension["instead_usd"]) == (9, 0.282)
    assert extension["changes"][0]["note"] == "follows stop/video, which changes"
    assert data["last_run"] == {"at": "2026-11-26T11:17:00+00:00", "requests": 4, "usd": 1.684}
    assert data["vault"] == {"address": str(tram.parent / "vault"), "takes": 4, "new": False, "unmarked": 0}
    assert data["seconds_left"] == 40 + 70 + 40


def test_a_plan_is_a_graph(tram: Path):
    """
    Each step once, with its sign and what it costs, and an arrow from each that it is made from.
    """
    at_first(tram)
    word_by_word("She turns her head.", "She nods.")(tram)

    assert storyreel("plan", tram, "--graph", "mermaid").stdout.splitlines() == [
        "flowchart LR",
        '  s0["= city/video"]:::reuse',
        '  s1["= stop/video"]:::reuse',
        '  s2["= stop/extend-1"]:::reuse',
        '  s3["#126; face/video $0.352"]:::changed',
        "  s1 --> s2",
        "  s2 --> s3",
        "  classDef changed fill:#ffe0b2,stroke:#cb6a16",
        "  classDef reuse fill:#d9f2d9,stroke:#2e7d32",
    ]


def test_the_last_run_is_told_whatever_became_of_its_scenes(tram: Path):
    """
    It cost what it cost, though a scene that it shot is no longer in the board; runs before it are not in its sum.
    """
    at_first(tram)
    word_by_word("She turns her head.", "She nods.")(tram)
    shoot(tram, "2026-11-26T12:30")
    text = tram.read_text()
    tram.write_text(text[: text.index("  - id: face")])

    assert "last run: 2026-11-26 12:30 UTC, 1 request, $0.352" in storyreel("plan", tram).stdout
    assert "to buy: 0 requests" in storyreel("plan", tram).stdout


def test_a_prompt_that_is_put_back_is_in_the_vault(tram: Path):
    """
    What was shot with it stands, whatever was shot since.
    """
    at_first(tram)
    word_by_word("flower meadow", "snowy field")(tram)
    shoot(tram, "2026-11-26T12:30")
    word_by_word("snowy field", "flower meadow")(tram)

    assert "to buy: 0 requests" in storyreel("plan", tram).stdout


def test_a_plan_in_a_pipe_has_a_line_for_each_step(tram: Path):
    """
    Whoever looks for a step with grep has its sign, its money and its reason.
    """
    at_first(tram)
    word_by_word("flower meadow", "snowy field")(tram)
    (line,) = [
        line for line in storyreel("plan", tram).stdout.splitlines() if "stop/extend-1 " in line and line[0] == "~"
    ]

    assert line == (
        "~ stop/extend-1        4  $0.630          follows stop/video, which changes (adds 4 s, 9 s are billed; a new scene from "
        "its last frame: $0.282)"
    )


def test_the_index_of_an_old_vault_is_made_from_its_claims(tram: Path):
    """
    A plan says in a line that it cannot say what has changed; with the index it can.
    """
    at_first(tram, marked=False)
    word_by_word("flower meadow", "snowy field")(tram)
    before = storyreel("plan", tram).stdout
    checked = storyreel("vault", "check", "--index")
    after = storyreel("plan", tram).stdout

    assert "note: the vault's index does not lead to 4 requests" in before
    assert "4 marks added to the index" in checked.stdout
    assert 'prompt: "flower meadow" -> "snowy field"' in after
    assert "note:" not in after
    assert "the index was whole" in storyreel("vault", "check", "--index").stdout


def test_own_footage_has_a_line_of_its_own_and_costs_nothing(tram: Path, storyboards: Path):
    """
    It is part of the film, and of no sum.
    """
    shutil.copy(storyboards / "lighthouse" / "endcard.mp4", tram.parent)
    tram.write_text(f"{BOARD}  - id: endcard\n    clip: endcard.mp4\n")
    lines = storyreel("plan", tram).stdout.splitlines()

    assert next(line.split() for line in lines if "endcard" in line) == [
        "endcard",
        "your",
        "own",
        "endcard.mp4,",
        "free",
    ]
    assert any(line.split() == ["in", "all", "19", "$1.684"] for line in lines)


def test_seconds_of_own_footage_are_those_of_the_part_that_its_scene_takes(tram: Path, storyboards: Path):
    """
    As they are written in an item of the order.
    """
    shutil.copy(storyboards / "lighthouse" / "endcard.mp4", tram.parent)
    order = "cut: {order: [endcard, {scene: endcard, start: 0.25, end: 1.25}]}\n"
    tram.write_text(f"{BOARD}  - id: endcard\n    clip: endcard.mp4\n    trim: {{start: 0.5}}\n{order}")
    lines = storyreel("plan", tram).stdout.splitlines()

    shots = [line.split("  ") for line in lines if " endcard " in line and "your own" not in line]
    assert [["all"], ["0.25 to 1.25 s"]] == [
        [cell.strip() for cell in shot if cell.strip() in ("all", "0.25 to 1.25 s")] for shot in shots
    ]
