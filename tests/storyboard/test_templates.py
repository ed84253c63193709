"""
Templates are written by somebody else: none gets out of its prompt, and none keeps the reader waiting.
"""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyreel.storyboard.prompts.known import MAX_SOURCE, Faulty, Named, Tags
from storyreel.storyboard.prompts.render import Templates

LIMIT = 4096
SECRET = "7261-never-shown"


class Witness(str):
    """A text with something behind it that no template may reach."""

    __slots__ = ()
    secret = SECRET

    def tell(self) -> str:
        """Give away what is behind it."""
        return SECRET


def read(name: str) -> str:
    texts = {
        "a.j2": '{% include "b.j2" %}',
        "b.j2": '{% include "a.j2" %}',
        "deep.j2": "{{ (" * 1 + "((" * 400 + "1" + "))" * 400 + ") }}",
        "wide.j2": "{{ city }}" * 1000,
        "open.j2": "{% if city %}",
        "out.j2": "{{ city.__class__ }}",
    }
    if name not in texts:
        raise Faulty(f"there is no file '{name}'")
    return texts[name]


def render(source: str, templates: Templates | None = None) -> tuple[str, list[str]]:
    names: dict[str, Any] = {
        "city": Witness("Lisbon"),
        "birds": ["gulls", "terns"],
        "cast": Named("cast", {"mira": "a woman", "items": "a shopping bag"}),
        "ref": Named("ref", {"mira": Tags(["<IMAGE_0>", "<IMAGE_1>"])}),
        "scene": Named("scene", {"id": "harbour"}),
    }
    text, faults = (templates or Templates(LIMIT)).render(source, names, "prompt", read)
    return text, [fault.message for fault in faults]


HOSTILE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ city.__class__ }}",
    "{{ city['__class__'] }}",
    "{{ city.secret }}",
    "{{ city['secret'] }}",
    "{{ city.tell() }}",
    "{{ city['tell']() }}",
    "{{ city | attr('secret') }}",
    "{{ birds | map(attribute='__class__') | list }}",
    "{{ cast.__class__ }}",
    "{{ cast._values }}",
    "{{ cast['__init__'] }}",
    "{{ cast.keys() }}",
    "{{ ref.mira.count }}",
    "{{ range.__self__ }}",
    "{{ range.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ joiner }}",
    "{{ namespace(a=1) }}",
    "{{ dict(a=1) }}",
    "{{ loop }}",
    "{% for c in city %}{{ loop.__class__ }}{% endfor %}",
    "{% for c in city %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for c in city %}{{ loop._iterable }}{% endfor %}",
    "{% for c in city recursive %}{{ loop(city) }}{% endfor %}",
    "{% set x = city.__class__ %}{{ x }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call city() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% import 'a.j2' as a %}",
    "{% from 'a.j2' import b %}",
    "{% extends 'a.j2' %}",
    "{% block x %}{% endblock %}",
    "{% include city %}",
    "{% include ['a.j2', 'b.j2'] %}",
    "{% include 'nothing.j2' ignore missing %}",
    "{% include 'a.j2' %}",
    "{% include 'deep.j2' %}",
    "{% include 'open.j2' %}",
    "{% include 'out.j2' %}",
    "{% include 'wide.j2' %}{% include 'wide.j2' %}",
    "{{ range(10 ** 9) | length }}",
    "{{ range(1000000000) | length }}",
    "{% for i in range(500) %}{% for j in range(500) %}{% endfor %}{% endfor %}",
    "{% for i in range(500) %}{% for j in range(500) %}{% for k in range(500) %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for i in range(400) %}{% include 'wide.j2' %}{% endfor %}",
    "{% for i in range(500) %}" + "a" * 40 + "{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{{ 1000000000 * 'a' }}",
    "{{ [1] * 1000000000 }}",
    "{{ 'a' + 'b' }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 999999999 * 999999999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%s' | format(city) }}",
    "{{ '{0.secret}'.format(city) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ 'a' | indent(1000000000) }}",
    "{{ " + "'a'|replace('a', '" + "a" * 5000 + "')|replace('a', '" + "b" * 5000 + "') }}",
    "{{ 1.5 | round(1000000000, 'ceil') }}",
    "{{ birds | random }}",
    "{{ birds }}",
    "{{ {1: 2} }}",
    "{{ city[0:3] }}",
    "{{ birds[7] }}",
    "{{ ref.mira[2] }}",
    "{{ 1 / 0 }}",
    "{{ 1 < 'a' }}",
    "{{ 'x' | int }}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "not " * 3000 + "1 }}",
    "{{ " + "-" * 3000 + "1 }}",
    "{{ " + "9" * 5000 + " }}",
    "{{ city }}" * 1500,
    "{% if %}",
    "{{ city",
    "{% endif %}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    "a" * (LIMIT + 1),
    "{# #}" + "a" * MAX_SOURCE,
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:40])
def test_no_hostile_template_gets_out(source: str) -> None:
    """
    What a prompt does not need is refused in a sentence, soon, and shows nothing.
    """
    begun = time.process_time()

    text, faults = render(source)

    assert faults
    assert "" == text
    assert SECRET not in " ".join(faults)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ city }}", "Lisbon"),
        ("{{ cast.items }}", "a shopping bag"),
        ("{{ cast['mira'] }}", "a woman"),
        ("{{ ref.mira }}, {{ ref.mira[0] }}, {{ ref.mira | length }}", "<IMAGE_0> <IMAGE_1>, <IMAGE_0>, 2"),
        ("{{ scene.id }}", "harbour"),
        ("{{ birds | join(' and ') | upper }}", "GULLS AND TERNS"),
        ("{{ birds[0] }} {{ birds | last }}", "gulls terns"),
        ("{{ nobody | default('someone') }}", "someone"),
        ("{% if nobody is defined %}a{% else %}b{% endif %}", "b"),
        ("{% if 'gulls' in birds and city != 'Porto' %}yes{% endif %}", "yes"),
        ("{% for bird in birds %}{{ loop.index }} {{ bird }}; {% endfor %}", "1 gulls; 2 terns; "),
        ("{% for n in range(3) if n > 0 %}{{ n * 2 + 1 }} {% endfor %}", "3 5 "),
        ("{{ range(1, 4) | join('-') }}", "1-2-3"),
        ("{% raw %}{{ city }}{% endraw %}", "{{ city }}"),
        ("{# unseen #}seen", "seen"),
        ("{{ 'a' ~ 1 ~ true }}", "a1True"),
        ("{{ 1 > 0 }}", "true"),
        ("{% for name in cast %}{{ name }}: {{ cast[name] }}. {% endfor %}", "mira: a woman. items: a shopping bag. "),
    ],
)
def test_what_a_prompt_needs_works(source: str, expected: str) -> None:
    """
    Names, choices, loops over a few things, and a handful of filters.
    """
    assert (expected, []) == render(source)


def test_all_unknown_names_are_told_at_once() -> None:
    """
    One unknown name hides no other, and none is told twice.
    """
    _, faults = render("{{ cty }} {{ cast.mria }} {{ ref.fox }} {{ cty }} {{ city }}")

    assert [
        "prompt knows no 'cty'; did you mean 'city'?",
        "prompt knows no 'cast.mria'; did you mean 'cast.mira'?",
        "prompt knows no 'ref.fox'",
    ] == faults


def test_a_thousand_greedy_prompts_end_soon() -> None:
    """
    The loops of all prompts of a storyboard are bounded together.
    """
    templates = Templates(LIMIT)
    begun = time.process_time()

    said = {
        message for _ in range(1000) for message in render("{% for i in range(400) %}{{ i }}{% endfor %}", templates)[1]
    }

    assert {"prompt: the loops of this storyboard take too many steps"} == said
    assert time.process_time() - begun < 10


def test_the_dearest_prompt_is_quick() -> None:
    """
    A prompt that spends nearly all of its steps is rendered in milliseconds.
    """
    begun = time.process_time()

    text, faults = render(
        "{% for i in range(500) %}{% if city | upper == 'x' %}{{ i }}{{ city }}{% endif %}{% endfor %}x"
    )

    assert ("x", []) == (text, faults)
    # A prompt has 50 ms; ten times that, since a machine under test may be busy.
    assert time.process_time() - begun < 0.5


def test_a_mapping_of_names_is_no_mapping_to_a_template() -> None:
    """
    Members called like methods are members.
    """
    names = {"cast": Named("cast", {"keys": "a ring of keys", "get": "a gate"})}

    assert ("a ring of keys a gate", []) == Templates(LIMIT).render(
        "{{ cast.keys }} {{ cast.get }}", names, "prompt", read
    )


SIGNS = [
    ".",
    "(",
    ")",
    "[",
    "]",
    "*",
    "**",
    "~",
    "|",
    ",",
    "9",
    "'a'",
    "city",
    "cast",
    "mira",
    "__class__",
    "range",
    "join",
    "replace",
    "include",
    "loop",
    "endfor",
    "endif",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "for x in", "if", "set x =", *SIGNS]), max_size=24).map(" ".join)
)
def test_whatever_is_written_the_answer_is_a_text_or_a_sentence(source: str) -> None:
    """
    Any string of template words renders or is refused; nothing else comes out.
    """
    text, faults = render(source)

    assert len(text) <= LIMIT
    assert bool(faults) or SECRET not in text
    assert all(message and "\n" not in message for message in faults)
