"""
Storyboards that are not quite right, by the dice: their text, their data, and how they are stored.

Pure but for the dice that is handed in: the same seed gives the same boards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from storyreel.diagnostics.codes import pages
from tests.fuzz.odd import VALUES

ROOT = Path(__file__).parents[2]
SCALARS = (
    *("", "~", "null", "yes", "no", "on", "0", "-1", "1e400", ".inf", "-.nan", "0x1F", "0o17", "1_000", "16:9", "01:02:03"),
    *("9" * 400, "1e-400", "2026-11-27", "12 s", "5,5", "1/3", "١٢", "½", '""', "''", '"\\ud83c\\udf05"', '"\\x00"', "'it''s'"),
    *("[", "]", "{", "}", "[]", "{}", "{a: }", "[a, [b, [c]]]", "&a x", "*a", "!!python/object:os.system x", "!!binary aGk=", "!x y"),
    *("push-in", "crop", "blur", "[0.5, 2]", "[0, 1]", "[.nan, 0]", "#0b1020", '"#0b1020"', "gold", "hill.jpg", "phone.mp4", "fonts/a.ttf"),
    *("|", ">", "|2\n   a", "- a", "? a", ": a", "# a", "@a", "`a`", "%a", "a: b: c", "a #b", "“quoted”", "‘x’", "a\\b", "C:\\new"),
    *("../../etc/passwd", "/dev/zero", "/", ".", "refs", "refs/", "con", "https://", "http://a/b.png", "https://a/b.png", "file:///x"),
    *("{{ x }}", "{{ cast.mira }}", "{{ ref.mira }}", "{% for i in range(10**9) %}x{% endfor %}", "{{ 'a' * 10**9 }}", "{{", "{%"),
    *("{{ ''.__class__.__mro__ }}", "{% include 'x' %}", "{% include '../../x' %}", "{{ x|attr('y') }}", "{#", "{{ range(10**9)|list }}"),
    *("ünïcödé", "狐", "🎬", "e\u0301", "\u200bx", "x\u202ey", "\ufeffx", "a\u00a0b", "a\u2028b", "\x85", "a\x07b", "\ud800", "𝖇", "x" * 5000),
)  # fmt: skip
SIGNS = (
    *"{}[],:#&*!|>'\"%@`?-~\\/\t\0\r\n ",
    "\n\n",
    "  ",
    "---\n",
    "...\n",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u2028",
    "“",
    "：",
    "﹣",
    "{{",
    "}}",
    "{%",
    "%}",
)
KEYS = (
    *("prompt", "Prompt", "promt", "scene", "scenes", "id", "clip", "image", "references", "then", "extend", "edit", "duration", "style"),
    *("cast", "vars", "defaults", "still", "trim", "start", "end", "last_frame_of", "frame_of", "at", "pin", "take", "voices", "voice", "last_frame", "keyframes", "title", "slug", "version"),
    *("card", "picture", "move", "fit", "focus", "text", "background", "color", "font", "place", "size", "transition", "speed", "cut"),
    *("deliver", "regenerate", "order", "titles", "captions", "overlay", "codec", "rate", "burn_in", "master", "close", "aspect_ratio", "variants"),
    *("budget", "review", "x-a", "<<", "", "1", "true", "null", "__class__", "caption", "music", "{{ x }}", "ключ", "a b", "💥", "review ", "id:"),
)  # fmt: skip


def sane_boards() -> list[str]:
    """Return the boards that come with the project: examples, those of the pages of the codes and of the docs, those of the tests."""
    files = [
        *sorted((ROOT / "storyboards").rglob("*.yaml")),
        *sorted((ROOT / "tests/storyboard/screens").glob("*.yaml")),
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    for page in ("README.md", "docs/language.md"):
        texts += re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for page in pages().values():
        texts += [text for text in (page.right, page.right, page.wrong) if text]
    return texts


def twisted_board(dice: Random, boards: list[str]) -> bytes:
    """Return a board with one to five things changed about it, as the bytes of a file."""
    text = dice.choice(boards)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        text = dice.choice(WAYS)(dice, text, boards)
    return dice.choice(STORED)(dice, text)


def _value(dice: Random, text: str, _: list[str]) -> str:
    """Put another value behind a key."""
    found = list(re.finditer(r"(?<=: )[^\n]+|(?<=- )[^\n:]+$", text, re.MULTILINE))
    if not found:
        return text
    spot = dice.choice(found)
    return text[: spot.start()] + dice.choice(SCALARS) + text[spot.end() :]


def _key(dice: Random, text: str, _: list[str]) -> str:
    found = list(re.finditer(r"[\w-]+(?=:(?: |$))", text, re.MULTILINE))
    if not found:
        return text
    spot = dice.choice(found)
    return text[: spot.start()] + dice.choice(KEYS) + text[spot.end() :]


def _line(dice: Random, text: str, boards: list[str]) -> str:
    """Move, double, drop, indent or borrow a line."""
    lines = text.splitlines(keepends=True) or [""]
    at = dice.randrange(len(lines))
    match dice.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = dice.choice((" ", "  ", "\t", "\u00a0 ", "      ")) + lines[at]
        case 4:
            lines[at] = lines[at][dice.randrange(1, 4) :]
        case 5:
            lines.insert(at, dice.choice(dice.choice(boards).splitlines(keepends=True) or [""]))
        case 6:
            lines[at] = lines[at].rstrip("\n")
        case _:
            lines.insert(at, f"{dice.choice(KEYS)}: {dice.choice(SCALARS)}\n")
    return "".join(lines)


def _sign(dice: Random, text: str, _: list[str]) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(SIGNS) + text[at + dice.randrange(3) :]


def _part(dice: Random, text: str, _: list[str]) -> str:
    begin, end = sorted((dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)))
    return dice.choice((text[:end], text[begin:], text[:begin] + text[end:], text[:end] + text[begin:]))


def _much(dice: Random, text: str, _: list[str]) -> str:
    """Grow something: depth, length, number, aliases of aliases."""
    n = dice.choice((20, 300, 1000))
    return text + dice.choice(
        (
            f"\nx-a: {'[' * n}\n",
            f"\nx-a: {'{a: ' * n}1{'}' * n}\n",
            "\n" + "".join(f"x-{k}: &k{k} [{', '.join([f'*k{k - 1}' if k else 'l'] * 9)}]\n" for k in range(9)),
            "\n" + "".join(f"{' ' * k}a:\n" for k in range(min(n, 600))),
            "\nx-a: " + "y" * n * 20 + "\n",
            "\n" + "".join(f"  - {{id: s{k}, prompt: P.}}\n" for k in range(n)),
            "\n" + f"{dice.choice(KEYS)}: 1\n" * 2,
        )
    )


def _data(dice: Random, text: str, _: list[str]) -> str:
    """Change the data, and write it again as YAML or as JSON."""
    if "&" in text or len(text) > 60_000:
        return text  # what its aliases stand for may be more than anybody can write
    try:
        data = YAML(typ="safe", pure=True).load(text)
        json.dumps(data, default=str)  # a list as a key is none in JSON
    except (YAMLError, ValueError, TypeError, RecursionError):
        return text
    for _ in range(dice.choice((1, 1, 2, 3))):
        data = _shaken(dice, data)
    if dice.random() < 0.5:
        return json.dumps(data, indent=dice.choice((None, 2)), ensure_ascii=dice.random() < 0.5, default=str)
    return _as_yaml(data, 0)


def _shaken(dice: Random, data: Any) -> Any:
    data = deepcopy(data)
    spots = list(_spots(data))
    if not spots:
        return data
    inside, key = dice.choice(spots)
    match dice.randrange(7):
        case 0 | 1:
            inside[key] = deepcopy(dice.choice(VALUES))
        case 2:
            inside[key] = dice.choice(SCALARS)
        case 3:
            del inside[key]
        case 4 if isinstance(inside, dict):
            inside[dice.choice(KEYS)] = inside.pop(key)
        case 5:
            inside[key] = dice.choice(([inside[key]], {"a": inside[key]}, [inside[key], inside[key]], str(inside[key])))
        case _:
            other, name = dice.choice(spots)
            if name in other if isinstance(other, dict) else isinstance(name, int) and name < len(other):
                inside[key] = deepcopy(other[name])
    return data


def _spots(data: Any) -> Any:
    if isinstance(data, dict | list):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from _spots(data[key])


def _as_yaml(data: Any, depth: int) -> str:
    """Write data in the style of a person: mappings and lists by lines, texts in double quotes."""
    lead = "  " * depth
    if isinstance(data, dict) and data and depth < 40:
        return "".join(f"{lead}{_plain(key)}:{_below(value, depth)}" for key, value in data.items())
    if isinstance(data, list) and data and depth < 40:
        return "".join(f"{lead}-{_below(value, depth)}" for value in data)
    return f"{lead}{_plain(data)}\n"


def _below(value: Any, depth: int) -> str:
    return f"\n{_as_yaml(value, depth + 1)}" if isinstance(value, dict | list) and value else f" {_plain(value)}\n"


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


WAYS: tuple[Callable[[Random, str, list[str]], str], ...] = (
    *(_value, _value, _value, _value, _key, _key, _line, _line, _line, _sign, _sign, _part, _much, _data, _data, _data),
)

STORED: tuple[Callable[[Random, str], bytes], ...] = (
    *[lambda _, text: text.encode("utf-8", "surrogatepass")] * 12,
    lambda _, text: text.encode("utf-8", "replace"),
    lambda _, text: b"\xef\xbb\xbf" + text.encode("utf-8", "replace"),
    lambda _, text: text.replace("\n", "\r\n").encode("utf-8", "replace"),
    lambda _, text: text.replace("\n", "\r").encode("utf-8", "replace"),
    lambda _, text: text.encode("utf-16", "replace"),
    lambda _, text: text.encode("latin-1", "replace"),
    lambda dice, text: text.encode("utf-8", "replace") + dice.randbytes(dice.randrange(40)),
)
