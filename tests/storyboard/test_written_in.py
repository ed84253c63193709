"""
A word written into a storyboard as people write them: one line differs, the text says that word more and nothing else, and taken
out again the bytes are what they were.
"""

import difflib
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from storyreel.storyboard.pin_places import NoPlace, place_of_pin
from storyreel.storyboard.text.source import read_source
from storyreel.storyboard.text.written_in import BYTE_ORDER_MARK, take_out, write_in

ID = "aa8c0a59-1748-4798-80fc-91a4de914dd7"
OTHERS = ("2f41-later", "12345678", "1e5", "null", "hex:0a41", "a: b # {c}", "ä 'quoted' \"id\"", "-x", "still-00ff-1")

PIN = ("scenes", 0, "pin")
LINK = ("scenes", 0, "then", 1, "pin")
STILL = ("scenes", 1, "image", "pin")
CAST = ("cast", "ana", "references", 1, "pin")
VARIANT = ("variants", "porto", "scenes", "stop", "pin")
NATIVE = ("deliver", "native", "scenes", "stop", "pin")

BOARDS = {
    "block": """
# The last tram, ünïcödé 🚋
title: 'Ana''s "last" tram'   # working title
cast:
  ana:
    references:
      - refs/ana.png
      - prompt: "Ana."    # drawn once
variants:
  porto:
    vars: {city: Porto}
deliver:
  native: {aspect_ratio: "9:16", regenerate: true}   # a phone's
scenes:
  # the first
  - id: stop          # where she waits
    prompt: >-
      Ana at the stop,
      in the rain.

    duration: 6       # seconds
    # what follows
    then:
      - extend: "One."
      - edit: |
          Redraw it.

          Slowly.

  - id: face

    image:
      prompt: "Her face,
        near."   # begun on one line
      quality: low
    prompt: plain words: no
""".replace("plain words: no", "'plain words'"),
    "flow": """
cast: {ana: {references: [refs/ana.png, {prompt: Ana.}]}}
variants: {porto: {}, lisbon: {}}
deliver: {native: {regenerate: true, aspect_ratio: "9:16", scenes: {face: {take: 2}}}}
scenes: [{id: stop, prompt: "Stop, {here}", then: [{extend: One.}, {edit: Two, }, ]},
  {id: face, image: { prompt: 'Her face' }, prompt: x}]
""",
    "json": """{
  "cast": {"ana": {"references": ["refs/ana.png", {"prompt": "Ana."}]}},
  "variants": {"porto": {"scenes": {"stop": {"take": 2}}}},
  "deliver": {"native": {"regenerate": true}},
  "scenes": [
    {
      "id": "stop",
      "prompt": "A \\"stop\\".",
      "then": [{"extend": "One."}, {"edit": "Two."}]
    },
    {"id": "face", "image": {"prompt": "Her face"}, "prompt": "x"}
  ]
}
""",
    "anchors": """
x-rain: &rain "It rains."
x-ratio: &ratio {aspect_ratio: "1:1"}
cast:
  ana: {references: [refs/ana.png, &drawn {prompt: *rain}]}
variants: {porto: {vars: {words: *rain}}}
deliver:
  native: &film
    regenerate: true
    scenes:
      face: {take: 2}
scenes:
  - &stop
    id: stop
    prompt: *rain
    then:
      - extend: *rain
      - {edit: *rain}
  - id: face
    image: {prompt: *rain}
    prompt: &last "End."
    note: *last
""",
    "pinned": """
cast:
    ana:
        references: [refs/ana.png, {prompt: Ana., pin: 'old-one'}]
variants:
    porto: {scenes: {stop: {pin: "old-one"}}}
deliver:
    native:
        regenerate: true
        scenes:
            stop:
                pin: old-one    # chosen by Ben
scenes:
-   id: stop
    pin: "old-one"   # Ben's
    prompt: x
    then:
    -   extend: One.
    -   edit: Two.
        pin: old-one
-   id: face
    image:
        pin: 'old-one'
        prompt: Her face
    prompt: x
""",
}
SHAPES = {
    "as-it-is": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "mark": lambda text: BYTE_ORDER_MARK + text,
    "mark-and-crlf": lambda text: BYTE_ORDER_MARK + text.replace("\n", "\r\n"),
    "no-last-end": lambda text: text.rstrip("\n"),
    "document-signs": lambda text: f"%YAML 1.2\n---\n{text}...\n",
    "wide": lambda text: re.sub("^(?=[ -])", "  ", text, flags=re.MULTILINE),
    "tabs-in-remarks": lambda text: re.sub("(# .*)$", "\\1\t\tx ", text, flags=re.MULTILINE) + "\n\n# end\t\n",
    "long": lambda text: text + "".join(f"# {n} {'-' * 70}\n" for n in range(450)),
}  # fmt: skip

QUICK = ("as-it-is", "crlf", "no-last-end")


def says(text: str) -> Any:
    """Return what a text says to another reader of YAML."""
    return YAML(typ="safe", pure=True).load(text.removeprefix(BYTE_ORDER_MARK))


def differing(before: str, after: str) -> list[str]:
    """Return the lines that are other ones, as `diff` shows them."""
    shown = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def with_pin(data: Any, trail: tuple[str | int, ...], word: str) -> Any:
    for step in trail[:-1]:
        data = data[step] if isinstance(step, int) else data.setdefault(step, {})
    data[trail[-1]] = word
    return data


@pytest.mark.parametrize(
    "shape", [pytest.param(shape, marks=() if shape in QUICK else pytest.mark.long) for shape in SHAPES]
)
@pytest.mark.parametrize("board", BOARDS)
def test_one_line_is_added_or_changed_and_taken_back_to_the_byte(board: str, shape: str):
    """
    Whatever the board looks like, at every place where a pin may stand, one after the other and each alone.
    """
    text = SHAPES[shape](BOARDS[board])
    for trail in (PIN, LINK, STILL, CAST, VARIANT, NATIVE):
        edit = write_in(text, "board.yaml", trail, ID)
        assert edit is not None, trail
        lines = differing(text, edit.text)
        expected = says(text)
        with_pin(expected, trail, ID)

        assert len([line for line in lines if line[0] == "+"]) == 1, lines
        assert len(lines) <= 2
        assert says(edit.text) == expected
        assert ID in re.split("\r\n|\r|\n", edit.text)[edit.line - 1]
        assert text == take_out(edit.text, "board.yaml", trail, edit)


def test_pins_of_several_steps_are_taken_back_in_any_order():
    """
    What else was changed in the meantime stays as it is.
    """
    text = BOARDS["flow"]
    places = [PIN, LINK, STILL, CAST]
    for order in (places, places[::-1], sorted(places, key=str)):
        edits, now = {}, text
        for trail in places:
            edits[trail] = edit = write_in(now, "board.yaml", trail, ID)
            assert edit is not None
            now = edit.text
        now = f"# a remark\n{now}"
        for trail in order:
            before = take_out(now, "board.yaml", trail, edits[trail])
            assert before is not None
            now = before
        assert now == f"# a remark\n{text}"


@pytest.mark.parametrize("word", OTHERS)
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.some(20)
def test_an_id_is_written_so_that_it_is_read_as_it_was_given(board: str, word: str):
    """
    In quotes where YAML would take it for a number, nothing, or a mapping.
    """
    for trail in (PIN, STILL, VARIANT):
        edit = write_in(BOARDS[board], "board.yaml", trail, word)
        assert edit is not None
        assert word == read_source(edit.text, "board.yaml").at(trail)


@pytest.mark.parametrize(
    ("text", "trail"),
    [
        pytest.param("x-a: &a {id: stop, prompt: x}\nscenes: [*a, {id: b, prompt: x}]\n", PIN, id="an-alias"),
        pytest.param("scenes:\n  - &a {id: stop, prompt: x}\nx-b: *a\n", PIN, id="what-an-alias-repeats"),
        pytest.param(
            "x-p: &p old\nscenes:\n  - id: stop\n    pin: &q new\n    note: *q\n", PIN, id="a-pin-that-is-repeated"
        ),
        pytest.param("scenes:\n  - id: stop\n    pin: >-\n      old\n", PIN, id="a-pin-in-a-block"),
        pytest.param("scenes:\n  - ? id\n    : stop\n", PIN, id="signs-before-keys"),
        pytest.param("variants:\n  porto:\nscenes: []\n", VARIANT, id="nothing-to-write-into"),
    ],
)
def test_what_would_change_more_is_left_alone(text: str, trail: tuple[str | int, ...]):
    """
    Where no line alone says it, there is no edit.
    """
    assert write_in(text, "board.yaml", trail, ID) is None


def test_what_an_alias_stands_for_gives_way_to_the_pin():
    """
    The alias is replaced, and what it names stays.
    """
    text = "x-p: &p old\nscenes:\n  - {id: stop, pin: *p, prompt: x}\n"
    edit = write_in(text, "board.yaml", PIN, ID)

    assert edit is not None
    assert edit.text == text.replace("*p", ID)
    assert text == take_out(edit.text, "board.yaml", PIN, edit)


@pytest.mark.parametrize("change", [(ID, "another"), (f"    pin: {ID}\n", ""), (f"    pin: {ID}", f"    pin:  {ID}")])
def test_what_was_changed_there_is_not_taken_back(change: tuple[str, str]):
    """
    Another id, no pin at all, or other blanks: what stands there now is a person's.
    """
    edit = write_in(BOARDS["block"], "board.yaml", PIN, ID)
    assert edit is not None

    assert take_out(edit.text.replace(*change), "board.yaml", PIN, edit) is None


WORDS = st.text("ab :#'\"{}[],&*!|>%@`\\-?\u00e9\u2028\t\U0001f68b", min_size=1, max_size=12)
REMARKS = st.one_of(st.just(""), WORDS.map(lambda text: "  # " + text.replace("\u2028", "").replace("\t", " ")))


@st.composite
def boards(draw: st.DrawFn) -> str:
    """Draw a board of two scenes, in one of the ways in which people write them."""
    end, indent = draw(st.sampled_from(["\n", "\r\n"])), " " * draw(st.integers(0, 4))
    lines = ["scenes:" + draw(REMARKS)]
    for scene in ("stop", "face"):
        entries = [("id", scene), *((key, draw(WORDS)) for key in draw(st.permutations(["prompt", "note", "x-one"])))]
        entries = [(key, str(YAML_WORDS(text, draw(st.sampled_from(["'", '"']))))) for key, text in entries]
        if draw(st.booleans()):
            lines.append(f"{indent}- {{{', '.join(f'{key}: {text}' for key, text in entries)}}}{draw(REMARKS)}")
            continue
        deeper = " " * draw(st.integers(1, 3))
        for number, (key, text) in enumerate(entries):
            lines.append(f"{indent}{'-' if number == 0 else ' '}{deeper}{key}: {text}{draw(REMARKS)}")
            lines += draw(st.lists(st.sampled_from(["", f"{indent}  # between", "# at the side"]), max_size=1))
    text = end.join(lines) + draw(st.sampled_from(["", end, end * 3]))
    return draw(st.sampled_from(["", BYTE_ORDER_MARK])) + text


def YAML_WORDS(text: str, sign: str) -> str:  # noqa: N802 - it draws no board
    """Return a text in quotes, as one line of YAML."""
    text = text.replace("\u2028", " ").replace("\t", " ").strip() or "x"
    return f"'{text.replace(chr(39), chr(39) * 2)}'" if sign == "'" else '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


@settings(max_examples=10, deadline=None)
@given(boards(), st.integers(0, 1))
def test_of_any_board_one_line_differs_and_undone_none(text: str, scene: int):
    """
    Quotes, remarks, blank lines, brackets, widths and ends of lines in any mixture.
    """
    trail = ("scenes", scene, "pin")
    edit = write_in(text, "board.yaml", trail, ID)
    assert edit is not None

    assert len([line for line in differing(text, edit.text) if line[0] == "+"]) == 1
    assert says(edit.text) == with_pin(says(text), trail, ID) or says(edit.text)["scenes"][scene]["pin"] == ID
    assert text == take_out(edit.text, "board.yaml", trail, edit)


DATA = {
    "use": ["shared/cast.yaml"],
    "cast": {"ana": {"references": ["a.png", {"prompt": "Ana."}, {"prompt": "Her back."}]}},
    "scenes": [{"id": "stop", "then": [{"extend": "x"}, {"edit": "y"}, {"extend": "z"}]}, {"id": "face"}],
}


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (("stop", "video"), ("scenes", 0, "pin")),
        (("stop", "extend-2"), ("scenes", 0, "then", 2, "pin")),
        (("stop", "edit-1"), ("scenes", 0, "then", 1, "pin")),
        (("face", "still"), ("scenes", 1, "image", "pin")),
        (("ana", "still-2"), ("cast", "ana", "references", 2, "pin")),
        (("face", "video", "porto"), ("variants", "porto", "scenes", "face", "pin")),
        (("face", "video", "", "native"), ("deliver", "native", "scenes", "face", "pin")),
        (("face", "video", "porto", "native"), "the clip of every variant"),
        (("face", "still", "", "native"), "the first clips of scenes have pins"),
        (("ben", "still-1"), r"shared/cast.yaml.*by hand"),
    ],
)
def test_each_kind_of_step_has_its_place(step: tuple[str, ...], place: tuple[str | int, ...] | str):
    """
    Or none, and then it is said where there is one.
    """
    named = dict(zip(("scene", "name", "variant", "delivery"), step, strict=False))
    if isinstance(place, tuple):
        assert place == place_of_pin(DATA, **named)  # type: ignore[arg-type]
        return
    with pytest.raises(NoPlace, match=place):
        place_of_pin(DATA, **named)  # type: ignore[arg-type]
