"""
Variables within variables: what templates can write of them, and nothing behind them.
"""

from collections.abc import Callable

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard

Read = Callable[[str], Storyboard]

VARS = "vars: {city: Lisbon, lines: {end: Nobody waits., count: 3, items: two bags, deep: {last: Good night.}}, birds: [gulls, terns]}\n"


def prompt(read: Read, template: str) -> str:
    return read(f"{VARS}scenes:\n  - id: sea\n    prompt: '{template}'\n").scenes[0].prompt


def told(read: Read, text: str) -> list[str]:
    with pytest.raises(StoryboardError) as wrong:
        read(text)
    return [f"{each.place}: {each.sentence} [{each.code}]" for each in wrong.value.problems]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ lines.end }}", "Nobody waits."),
        ("{{ lines.deep.last }}", "Good night."),
        ('{{ lines["deep"].last }}', "Good night."),
        ("{{ lines.count + 1 }} trams", "4 trams"),
        ("{{ lines.items }}", "two bags"),
        ("{{ lines.end ~ city ~ birds ~ 3 }}", "Nobody waits.Lisbon['gulls', 'terns']3"),
        ("{% for name in lines.deep %}{{ name }}: {{ lines.deep[name] }}{% endfor %}", "last: Good night."),
        ('{{ lines.start | default("Once.") }}', "Once."),
        ("{% if lines.start is defined %}x{% else %}y{% endif %}", "y"),
    ],
)
def test_a_template_writes_names_within_names(read: Read, template: str, text: str):
    """
    With a dot or by a name, numbers as numbers; a name like that of a method is a name.
    """
    assert text == prompt(read, template)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ lines.ned }}", "prompt knows no 'lines.ned'; did you mean 'lines.end'?"),
        ("{{ lines.deep.lsat }}", "prompt knows no 'lines.deep.lsat'; did you mean 'lines.deep.last'?"),
        ("{{ last }}", "prompt knows no 'last'; did you mean 'lines.deep.last'?"),
        ("{{ lines.keys }}", "prompt knows no 'lines.keys'"),
        ("{{ lines.__class__ }}", "prompt knows no 'lines.__class__'"),
        ("{{ lines }}", "prompt: 'lines' is a mapping, and no text"),
        ("{{ lines.deep }}", "prompt: 'lines.deep' is a mapping, and no text"),
        ("{{ lines ~ city }}", "prompt: 'lines' is a mapping, and no text"),
        ("{{ [lines.deep] ~ city }}", "prompt: 'lines.deep' is a mapping, and no text"),
        ("{{ cast ~ city }}", "prompt: 'cast' is a mapping, and no text"),
        ("{{ range ~ city }}", "prompt: a function is no text"),
        ("{{ birds | join(cast) }}", "prompt: 'cast' is a mapping, and no text"),
        ("{{ lines.end.upper }}", "prompt reaches for '.upper'"),
        ("{{ lines.end.upper() }}", "prompt reaches for a call other than range()"),
        ("{{ city.name }}", "prompt reaches for '.name'"),
        ("{{ (lines.end | upper).x }}", "prompt reaches for '.x'"),
    ],
)
def test_what_is_no_name_is_told(read: Read, template: str, problem: str):
    """
    With the name that was likely meant, dots and all; there is no way to a method.
    """
    seen = told(read, f"{VARS}scenes:\n  - id: sea\n    prompt: '{template}'\n")

    assert [problem] == [each.partition(": ")[2].partition(" (")[0].partition(" [")[0] for each in seen]


def test_all_unknown_names_are_told_at_once(read: Read):
    """
    Each with its place, and what there is.
    """
    seen = told(
        read, f"{VARS}scenes:\n  - id: sea\n    prompt: '{{{{ lines.ned }}}} {{{{ lines.deep.no }}}} {{{{ cty }}}}'\n"
    )

    assert ["lantern.yaml:4:17", "lantern.yaml:4:33", "lantern.yaml:4:53"] == [each.partition(": ")[0] for each in seen]
    assert "(it knows birds, city, lines.count, lines.deep.last, lines.end, lines.items, scene.id)" in seen[1]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{lines: {the-end: Good night.}}", "1:16: 'the-end' cannot be a name"),
        (
            "{lines: {end: [[a]]}}",
            "1:21: end is a list; a variable is text, a number, a list of these, or a mapping of names",
        ),
        ("{lines: {end: }}", "1:16: 'end' has no value"),
        ("{ref: {end: a}}", "1:8: 'ref' is a word of templates already"),
    ],
)
def test_what_is_no_variable_is_told_where_it_stands(read: Read, written: str, problem: str):
    """
    Within a mapping as at the top.
    """
    seen = told(read, f"vars: {written}\nscenes:\n  - {{id: sea, prompt: Waves.}}\n")

    assert [f"lantern.yaml:{problem}"] == [each.split(" (")[0] for each in seen]


def test_a_long_text_within_names_is_told_with_its_whole_name(read: Read):
    """
    A variable may be as long as a prompt.
    """
    long = "a" * 5000
    seen = told(read, f"vars: {{lines: {{end: {long}}}}}\nscenes:\n  - {{id: sea, prompt: Waves.}}\n")

    assert ["lantern.yaml:1:21: the variable 'lines.end' is longer than any prompt (shorten it) [too-long]"] == seen
