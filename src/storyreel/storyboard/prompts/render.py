"""
Render prompts, and say in a writer's words what is wrong with a template.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from storyreel.did_you_mean import nearest, question
from storyreel.storyboard.prompts.known import MAX_SOURCE, Fault, Faulty, Named, Tags

if TYPE_CHECKING:
    from jinja2 import Template

    from storyreel.storyboard.prompts.environment import Sandbox

MAX_UNKNOWN = 20
MAX_STEPS_IN_ALL = 300_000
"""Of all prompts of one storyboard, so that a thousand greedy ones end soon."""

MOST_COMPILED = 5_000
"""Templates that are held in memory for the next variant."""


@dataclasses.dataclass(frozen=True)
class _Compiled:
    """A template that can be rendered, in an environment of its own; `cost` is how many parts it has."""

    sandbox: Sandbox
    template: Template
    cost: int


class Templates:
    """
    Renders the templates of one storyboard.

    Args:
        limit: Characters that a text may have.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._steps = 0
        self._compiled: dict[tuple[str, Callable[[str], str]], _Compiled] | None = None

    def of_variant(self) -> Templates:
        """Return what renders the same templates with other names, and may take as many steps again: each is compiled once."""
        other = Templates(self._limit)
        if self._compiled is None:
            self._compiled = {}
        other._compiled = self._compiled
        return other

    def render(
        self, source: str, names: Mapping[str, Any], what: str, read: Callable[[str], str]
    ) -> tuple[str, list[Fault]]:
        """
        Render one template.

        Args:
            source: The template.
            names: What it knows: vars by their names, `cast`, `ref`, `scene`.
            what: How problems call it: `prompt`, `description`, `style`.
            read: Returns the text of an included file, or raises `Faulty`.

        Returns:
            The text, and what is wrong: all unknown names at once. With faults the text means nothing.
        """
        if len(source) > MAX_SOURCE:
            return "", [
                Fault("too-long", f"{what} is {len(source)} characters long; {self._limit} are allowed", "shorten it")
            ]
        if "{" not in source:
            return self._within(source, what)
        # Who has no template need not wait for what reads one.
        from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError

        from storyreel.storyboard.prompts.tree import brief

        text, fault = "", None
        unknown: list[Fault] = []
        try:
            text = self._rendered(source, names, read, lambda name: unknown.append(_unknown(name, names, what)))
        except Faulty as faulty:
            fault = dataclasses.replace(faulty.fault, message=f"{what}: {faulty.fault.message}")
        except TemplateSyntaxError as error:
            remedy = "look at its braces; braces that are meant as text are written {{ '{{' }}"
            if "comment" in str(error.message):
                remedy = "{# begins a comment in a template; as text it is written {{ '{#' }}"
            fault = Fault("wrong-template", f"{what} is no template: {brief(error)}", remedy, line=error.lineno)
        except SecurityError as error:
            remedy = "a template has vars, cast.<name>, ref.<name>, scene.id, and nothing behind them"
            fault = Fault(
                "template-forbids", f"{what} reaches for {error.message}", remedy, words=str(error.message).strip("'")
            )
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            why = str(error).partition(";")[0]
            fault = Fault(
                "wrong-template", f"{what} cannot be rendered: {why}", "look at its numbers, filters and comparisons"
            )
        except (RecursionError, MemoryError):
            fault = Fault("template-too-much", f"{what} is nested too deep", "a prompt is a few sentences")
        # What goes wrong after an unknown name may only be its consequence.
        if unknown:
            return "", unknown
        return self._within(text, what) if fault is None else ("", [fault])

    def _rendered(
        self,
        source: str,
        names: Mapping[str, Any],
        read: Callable[[str], str],
        unknown_name: Callable[[str], object],
    ) -> str:
        """Render; hand on each unknown name, put something in its place and try again, so that all are found."""
        from storyreel.storyboard.prompts.environment import UnknownName

        compiled = self._ready(source, read)
        sandbox = compiled.sandbox
        sandbox.steps = 0
        known = dict(names)
        text = ""
        for _ in range(MAX_UNKNOWN):
            self._spend(compiled.cost + sandbox.steps)
            sandbox.steps = 0
            try:
                text = _drawn(compiled.template.generate(known))
                break
            except UnknownName as unknown:
                name = str(unknown)
                unknown_name(name)
                known = _with(known, name)
        self._spend(sandbox.steps)
        return text

    def _ready(self, source: str, read: Callable[[str], str]) -> _Compiled:
        key = (source, read)
        if self._compiled is not None and key in self._compiled:
            return self._compiled[key]
        from storyreel.storyboard.prompts.environment import Sandbox
        from storyreel.storyboard.prompts.tree import Inliner

        sandbox = Sandbox()
        inliner = Inliner(sandbox, read)
        compiled = _Compiled(sandbox, sandbox.from_string(inliner.inline(source)), inliner.count)
        if self._compiled is not None and len(self._compiled) < MOST_COMPILED:
            self._compiled[key] = compiled
        return compiled

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS_IN_ALL:
            raise Faulty(
                "template-too-much", "the loops of this storyboard take too many steps", "use fewer or shorter loops"
            )

    def _within(self, text: str, what: str) -> tuple[str, list[Fault]]:
        if len(text) > self._limit:
            many = f"more than {MAX_SOURCE}" if len(text) > MAX_SOURCE else str(len(text))
            return "", [Fault("too-long", f"{what} is {many} characters long; {self._limit} are allowed", "shorten it")]
        return text, []


def _drawn(pieces: Iterable[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > MAX_SOURCE:
            break
    return text


def _with(names: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the names with one more, so that rendering goes on to the next unknown one."""
    own, _, rest = name.partition(".")
    if not rest:
        return {**names, own: "x"}
    owner = names[own]
    if own in {"cast", "ref"}:
        filler = Tags(["x"] * 16) if own == "ref" else "x"
        return {**names, own: Named(own, dict.fromkeys([*owner, rest], filler))}
    return {**names, own: Named(owner.owner, _with(owner, rest))}


def _unknown(name: str, names: Mapping[str, Any], what: str) -> Fault:
    known = sorted(key for key, value in names.items() if not isinstance(value, Named))
    known += [full for value in names.values() if isinstance(value, Named) for full in _full_names(value)]
    owner, _, last = name.rpartition(".")
    same = [one for one in known if one.rpartition(".")[2] == last]
    beside = {one.rpartition(".")[2]: one for one in known if owner and one.rpartition(".")[0] == owner}
    near = nearest(last, beside) if beside else nearest(name, known)
    likely = same[0] if same else beside.get(near, near) if near is not None else None
    message = "; ".join(filter(None, [f"{what} knows no '{name}'", question(likely)]))
    remedy = f"it knows {', '.join(known)}" if known else "it knows no names here"
    return Fault("unknown-name", message, remedy, words=name, name=name)


def _full_names(names: Named) -> list[str]:
    """Return all that templates can write of some names, as they write it."""
    full: list[str] = []
    for own, value in sorted(names.items()):
        full += _full_names(value) if isinstance(value, Named) else [f"{names.owner}.{own}"]
    return full
