"""
What goes wrong on purpose, and when.

A fault is written in a few words: `failed internal_error`, `moderated`, `slow 5`. It is given to the whole sandbox
(`--fault failed:internal_error@2`) or to one request, by a marker in its prompt (`[[sandbox: slow 5]]`). This module
reads and matches them; what each one does stands where it is done (submit, poll, render, download).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from storyreel.errors import SettingsError
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.recipe import Frozen

FAILED_CODES = {
    "invalid_argument": "Prompt cannot be empty. Please provide a prompt.",
    "permission_denied": "The team may not use this feature.",
    "failed_precondition": "This mode or resolution is not available for this model.",
    "service_unavailable": "The service is overloaded. Please retry later.",
    "internal_error": "An internal error occurred.",
}
"""What a job can fail with, and what it says then; codes from docs.x.ai video generation, Oct 2026."""

REFUSALS = ("argument", "text", "zdr", "safety", "credits", "oauth", "key")
"""What a submit can be refused with."""

_WORDS = {
    # Each kind, and what may stand after it; `#` is a number, a trailing `?` makes it optional.
    "refused": ("|".join(REFUSALS) + "?",),
    "submit": ("200|401|408|429|500|502|503|520|522", "after|#?"),
    "drop": ("after?",),
    "poll": ("401|404|408|429|500|502|503|520|522|drop|empty", "#?"),
    "slow": ("#",),
    "stuck": (),
    "failed": ("|".join(FAILED_CODES) + "|bare?",),
    "moderated": ("400?",),
    "expired": (),
    "gone": (),
    "status": ("*",),
    "without": ("url|video|status|progress|usage",),
    "put": ("never|late|spoilt|beside", "#?"),
    "url": ("403|404|410|500", "#?"),
    "download": ("cut|short|long|html|garbage|empty|slow", "#?"),
    "longer": ("#",),
    "shorter": ("#",),
    "black": ("#?",),
    "frozen": ("#?",),
    "silent": ("#?",),
    "clipped": ("#?",),
    "bars": (),
    "jump": (),
    "charge": ("#",),
}

SPOILT = ("black", "frozen", "silent", "clipped", "bars", "jump")
"""What a result can look and sound like that is whole all the same."""

_MARKER = re.compile(r"\[\[\s*sandbox:\s*([^\[\]]*?)\s*\]\]")
_NUMBER = re.compile(r"\d+(\.\d+)?")


class Fault(Frozen):
    """
    One thing that goes wrong.

    `words` are what stands after the kind. `at` are the submits that it strikes, counted from 1 (empty: all);
    `times` is how often it strikes at most (None: always).
    """

    kind: str
    words: tuple[str, ...] = ()
    at: tuple[int, ...] = ()
    times: int | None = None

    @property
    def number(self) -> float | None:
        """The number among its words (seconds, or how often), if there is one after the first."""
        numbers = [float(w) for w in self.words if _NUMBER.fullmatch(w)]
        return numbers[-1] if numbers else None

    def has(self, word: str) -> bool:
        """Whether this word stands after the kind."""
        return word in self.words

    def __str__(self) -> str:
        at = "@" + ",".join(map(str, self.at)) if self.at else ""
        return " ".join((self.kind, *self.words)) + at + (f" x{self.times}" if self.times else "")


def parse_fault(text: str) -> Fault:
    """
    Read a fault as it is written in a flag or a marker.

    Args:
        text: `kind word word @2,4 x1`, with spaces or colons between the words.

    Raises:
        SettingsError: There is no such fault; says which there are.
    """
    at: tuple[int, ...] = ()
    times: int | None = None
    words: list[str] = []
    for word in re.sub(r"@", " @", text.replace(":", " ")).split():
        if re.fullmatch(r"@\d+(,\d+)*", word):
            at = tuple(int(n) for n in word[1:].split(","))
        elif re.fullmatch(r"x\d+", word):
            times = int(word[1:])
        else:
            words.append(word)
    kind, rest = (words[0], words[1:]) if words else ("", [])
    if kind not in _WORDS:
        raise SettingsError(f"no fault {kind or text!r}; there are: {', '.join(_WORDS)}")
    _check(kind, rest)
    return Fault(kind=kind, words=tuple(rest), at=at, times=times)


def marked(prompt: str) -> tuple[str, tuple[Fault, ...]]:
    """
    Take the markers out of a prompt.

    Returns:
        The prompt without them, and their faults.

    Raises:
        SettingsError: A marker makes no sense.
    """
    return _MARKER.sub("", prompt).strip(), tuple(parse_fault(m[1]) for m in _MARKER.finditer(prompt))


def first(faults: Iterable[Fault], *kinds: str) -> Fault | None:
    """Return the first fault of one of these kinds."""
    return next((f for f in faults if f.kind in kinds), None)


def charged(faults: Iterable[Fault], ticks: int) -> int:
    """Return what a request is said to have been charged, in ticks: by its price, unless a fault has it otherwise."""
    fault = first(faults, "charge")
    return ticks if fault is None or fault.number is None else round(fault.number * TICKS_PER_USD)


def _check(kind: str, words: list[str]) -> None:
    allowed = _WORDS[kind]
    if len(words) > len(allowed):
        raise SettingsError(f"fault {kind!r}: {words[len(allowed)]!r} is a word too many")
    for place, pattern in enumerate(allowed):
        options = pattern.removesuffix("?").split("|")
        if place >= len(words):
            if not pattern.endswith("?"):
                raise SettingsError(f"fault {kind!r} wants one of: {_shown(options)}")
        elif not any(_fits(words[place], option) for option in options):
            raise SettingsError(f"fault {kind!r} does not know {words[place]!r}; it wants one of: {_shown(options)}")


def _fits(word: str, option: str) -> bool:
    return option == "*" or word == option or (option == "#" and _NUMBER.fullmatch(word) is not None)


def _shown(options: list[str]) -> str:
    return ", ".join({"#": "a number", "*": "a word"}.get(option, option) for option in options)
