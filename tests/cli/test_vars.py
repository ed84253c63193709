"""
Words that stand elsewhere than in a storyboard: in a file that it uses, and behind `--var`. Wherever they stand, the same is bought.
"""

import json
import shlex
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.shot import shoot
from tests.cli.test_render import storyreel

SHARED = """
cast:
  ana:
    description: "a woman in {hour}"
    references: [{to}ana.png, {{prompt: "Ana."}}]
style: 35 mm film
vars: {{lines: {{end: Nobody waits.}}}}
defaults: {{duration: 5, still: {{resolution: 2k}}}}
"""
OWN = """
title: "The Last Tram, {{ city }}"
slug: "tram-{{ city | slug }}"
vars: {city: Lisbon}
review: before-video
scenes:
  - {id: city, prompt: "{{ city }} at night."}
  - {id: stop, references: [ana], prompt: "{{ ref.ana }} in {{ city }}: {{ lines.end }}"}
"""


def written(place: Path, *, city: str, shared: bool) -> Path:
    """Write a board, with what it may share in its own file or in another one."""
    Image.new("RGB", (64, 36), "gold").save(place / "ana.png")
    (place / "shared").mkdir(exist_ok=True)
    board = place / "tram.yaml"
    own = OWN.replace("Lisbon", city)
    if shared:
        (place / "shared" / "series.yaml").write_text(SHARED.format(to="../", hour="yellow"))
        board.write_text(f"use: [shared/series.yaml]\n{own}")
    else:
        words = SHARED.format(to="", hour="yellow").replace("vars: {lines", f"vars: {{city: {city}, lines")
        board.write_text(words + own.replace(f"vars: {{city: {city}}}\n", ""))
    return board


def buys(board: Path, *words: str) -> int:
    """Return how many requests a plan would send."""
    done = storyreel("plan", board.name, "--json", *words, cwd=board.parent)
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["totals"]["buy"])


def test_nothing_is_bought_again_for_what_is_moved_into_a_shared_file(place: Path):
    """
    Cast, style, variables and defaults in a file of their own: every request is the same.
    """
    board = written(place, city="Lisbon", shared=False)
    assert ("ana/still-1", "city/video", "stop/video") == tuple(sorted(shoot(board, "2026-11-26T11:17")))

    written(place, city="Lisbon", shared=True)

    assert 0 == buys(board)
    assert () == shoot(board, "2026-11-26T12:17")


def test_a_given_text_is_bought_as_if_it_stood_in_the_file(place: Path):
    """
    What was shot of a film of Rome is there for `--var city=Rome`, and for no other.
    """
    board = written(place, city="Rome", shared=True)
    shoot(board, "2026-11-26T11:17")
    written(place, city="Lisbon", shared=True)

    assert 2 == buys(board)
    assert 0 == buys(board, "--var", "city=Rome")
    assert 1 == buys(board, "--var", "city=Rome", "--var", "lines.end=Good night.")


@pytest.mark.parametrize(
    "words",
    [
        ("check", "BOARD"),
        ("plan", "BOARD"),
        ("why", "BOARD", "city"),
        ("shoot", "BOARD", "--sandbox", "--yes"),
        ("shoot", "BOARD", "--sandbox", "--rough"),
        ("takes", "BOARD"),
        ("approve", "BOARD"),
        ("resolve", "BOARD", "city", "--lost"),
        ("resolve", "BOARD", "--list"),
        ("watch", "BOARD", "--once"),
    ],
    ids=lambda words: " ".join(words),
)
def test_every_command_that_reads_a_board_takes_texts_for_its_variables(place: Path, words: tuple[str, ...]):
    """
    And tells one that is not there, with the one that was likely meant; nothing is sent.
    """
    board = written(place, city="Lisbon", shared=True)
    named = [board.name if word == "BOARD" else word for word in words]
    done = storyreel(*named, "--var", "ctiy=Rome", cwd=place)

    assert 2 == done.returncode
    assert (
        "there is no var 'ctiy' in tram.yaml; did you mean 'city'? (there are city, lines.end)"
        in done.stderr.replace("\n", " ")
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["city"], "--var city: write a name, = and its text, as in --var city=Rome"),
        (["=Rome"], "--var =Rome: write a name, = and its text, as in --var city=Rome"),
        (["city=Rome", "city=Porto"], "--var city is 'Rome' and 'Porto': give it once"),
        (["lines=x"], "var 'lines' of tram.yaml is a mapping, and no text; its names are lines.end"),
    ],
)
def test_what_is_no_name_and_text_is_told(place: Path, given: list[str], message: str):
    """
    With what to write.
    """
    board = written(place, city="Lisbon", shared=True)
    done = storyreel("check", board.name, *(word for each in given for word in ("--var", each)), cwd=place)

    assert 2 == done.returncode
    assert message in done.stderr.replace("\n", " ")


def test_a_command_that_is_shown_has_the_texts(place: Path):
    """
    It can be copied, and is about the same film.
    """
    board = written(place, city="Lisbon", shared=True)
    done = storyreel("plan", board.name, "--json", "--var", "city=São Paulo", cwd=place)
    plan = json.loads(done.stdout)
    note = next(each for each in plan["notes"] if "storyreel approve" in each)

    assert "tram-sao-paulo" == plan["slug"]
    assert shlex.join(["storyreel", "approve", "tram.yaml", "--var", "city=São Paulo"]) in note
