"""
The tree of a template, before it runs: names, `if`, `for`, `include`, a few filters and nothing else.

It is checked node by node, included files are written into it, and every loop is made to pay for its rounds in advance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.visitor import NodeTransformer

from storyreel.did_you_mean import did_you_mean
from storyreel.storyboard.prompts.environment import FILTERS, TESTS, Sandbox
from storyreel.storyboard.prompts.known import Faulty

MAX_NODES = 2_000
MAX_NESTING = 40
MAX_INCLUDES = 8

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.Filter, nodes.Test,
    nodes.Call, nodes.List, nodes.Tuple, nodes.Include,
)  # fmt: skip


class Inliner(NodeTransformer):
    """
    Reads a template, refuses what a prompt does not need, writes included files into it, and prices its loops.

    Args:
        sandbox: What the template will run in.
        read: Returns the text of an included file, or raises `Faulty`.
    """

    def __init__(self, sandbox: Sandbox, read: Callable[[str], str]) -> None:
        self._sandbox = sandbox
        self._read = read
        self._files: list[str] = []
        self.count = 0

    def inline(self, source: str) -> nodes.Template:
        """Return the checked tree of a template; raises `Faulty`, or what Jinja raises for what is no template."""
        tree = self._sandbox.parse(source)
        self._check(tree, 0)
        self.visit(tree)
        return tree

    def visit_Include(self, node: nodes.Include) -> list[nodes.Node]:  # noqa: N802
        """Put the included file's own tree in the place of its `include`."""
        assert isinstance(node.template, nodes.Const)
        name = str(node.template.value)
        if name in self._files or len(self._files) >= MAX_INCLUDES:
            path = " includes ".join(f"'{file}'" for file in [*self._files, name])
            raise Faulty("circle", f"includes go in a circle or too deep: {path}", words=name)
        source = self._read(name)
        self._files.append(name)
        try:
            inner = self.inline(source)
        except TemplateSyntaxError as error:
            raise Faulty(
                "wrong-template", f"'{name}', line {error.lineno}, is no template: {brief(error)}", words=name
            ) from None
        self._files.pop()
        return list(inner.body)

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        """Let a loop pay for its rounds before the first one."""
        self.generic_visit(node)
        cost = nodes.Const(sum(1 for each in node.find_all(nodes.Node) if not _is_ours(each)) + 1)
        node.iter = nodes.Filter(node.iter, "_rounds", [cost], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Concat:  # noqa: N802
        """Let nothing be joined that has no words of its own: what Python calls it is another name at each reading."""
        self.generic_visit(node)
        node.nodes = [nodes.Filter(each, "_worded", [], [], None, None, lineno=node.lineno) for each in node.nodes]
        return node

    def _check(self, node: nodes.Node, depth: int) -> None:
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_NESTING:
            raise Faulty(
                "template-too-much", "the template is too large or nested too deep", "a prompt is a few sentences"
            )
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.For) and node.recursive):
            word = _TAGS.get(type(node), type(node).__name__.lower())
            raise Faulty(
                "template-forbids",
                f"{word} is not for prompts",
                "they take {{ names }}, if, for, include and filters",
                line=node.lineno,
            )
        match node:
            case nodes.Include(template=nodes.Const(value=str()), ignore_missing=False):
                pass
            case nodes.Include():
                raise Faulty(
                    "wrong-template",
                    "include takes one file's name in quotes",
                    'as in {% include "looks/dusk.j2" %}',
                    "include",
                )
            # What has names is known when it is looked up: there nothing else has any.
            case nodes.Getattr(node=nodes.Name() | nodes.Getattr() | nodes.Getitem()):
                pass
            case nodes.Getattr(attr=attribute):
                raise SecurityError(f"'.{attribute}'")
            case nodes.Call(node=nodes.Name(name="range"), kwargs=[], dyn_args=None, dyn_kwargs=None):
                pass
            case nodes.Call():
                raise SecurityError("a call other than range()")
            case nodes.Filter(name=name) if name not in FILTERS:
                raise Faulty("unknown-name", f"there is no filter '{name}'", _known(name, FILTERS), words=name)
            case nodes.Test(name=name) if name not in TESTS:
                raise Faulty("unknown-name", f"there is no test '{name}'", _known(name, TESTS), words=name)
            case _:
                pass
        for child in node.iter_child_nodes():
            self._check(child, depth + 1)


def _is_ours(node: nodes.Node) -> bool:
    """Whether nobody has written this node: it costs nothing."""
    return isinstance(node, nodes.Filter) and node.name == "_worded"


_TAGS: dict[type[nodes.Node], str] = {
    nodes.Assign: "set", nodes.AssignBlock: "set", nodes.Macro: "macro", nodes.Import: "import", nodes.FromImport: "import",
    nodes.Extends: "extends", nodes.Block: "block", nodes.CallBlock: "call", nodes.FilterBlock: "filter ... endfilter",
    nodes.With: "with", nodes.For: "a recursive loop", nodes.Dict: "a mapping", nodes.Slice: "a slice", nodes.Pow: "**",
    nodes.ScopedEvalContextModifier: "autoescape",
}  # fmt: skip


def _known(word: str, words: Iterable[str]) -> str:
    likely = did_you_mean(word, words)
    known = ", ".join(sorted(one for one in words if one[0].isalpha()))
    return f"{likely}  (known are {known})" if likely else f"known are {known}"


def brief(error: TemplateSyntaxError) -> str:
    """Return the first sentence of Jinja's complaint; of a block that is not closed, which one."""
    message = (error.message or "").strip()
    open_block = re.search(r"needs to be closed is '(\w+)'", message)
    return f"'{open_block[1]}' is never closed" if open_block else message.partition(". ")[0].rstrip(".")
