"""
What a film is called: titles and slugs, as they are or made by a template.
"""

import unicodedata
from collections.abc import Callable

import pytest

from storyreel.errors import StoryboardError
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.prompts.slug import as_slug

Read = Callable[[str], Storyboard]

REST = "vars: {city: São Paulo, blank: '!', lines: {end: The End}}\nscenes:\n  - {id: sea, prompt: Waves.}\n"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("The Last Tram, {{ city }}", "The Last Tram, São Paulo"),
        ("{{ lines.end }}", "The End"),
        ("{% if city %}Yes{% endif %}", "Yes"),
        ("Set {a, b} and {{", "Set {a, b} and {{"),
        ("}} {{", "}} {{"),
        ("{# Issue 4 #}", "{# Issue 4 #}"),
    ],
)
def test_a_title_with_a_pair_of_braces_is_a_template(read: Read, written: str, title: str):
    """
    What is no closed pair stays text.
    """
    assert title == read(f'title: "{written}"\n{REST}').title


def test_a_slug_is_made_of_words(read: Read):
    """
    The filter `slug` makes of any text what can name a file; it is there in every template.
    """
    board = read(f'slug: "tram-{{{{ city | slug }}}}"\n{REST}')

    assert ("tram-sao-paulo", "tram-sao-paulo") == (board.slug, board.title)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("São Paulo", "sao-paulo"),
        (unicodedata.normalize("NFD", "São Paulo"), "sao-paulo"),
        ("L'Aquila, 2nd cut!", "l-aquila-2nd-cut"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Санкт-Петербург", "sankt-peterburg"),
        ("Αθήνα", "athina"),
        ("서울", "seoul"),
        ("__a__", "a"),
        ("!?", ""),
    ],
)
def test_other_scripts_are_written_by_their_sounds(text: str, slug: str):
    """
    Accents are left out, however they are encoded.
    """
    assert slug == as_slug(text)


@pytest.mark.parametrize(
    ("top", "problem"),
    [
        (
            'slug: "tram {{ city }}"',
            (
                "lantern.yaml:1:7: slug is 'tram São Paulo' here; it must be up to 64 letters, digits, hyphens and underscores (have the filter "
                "`slug` make tram-sao-paulo of it: {{ ... | slug }}) [wrong-name]"
            ),
        ),
        (
            'slug: "{{ blank | slug }}"',
            "lantern.yaml:1:19: slug: slug of '!': no letter and no digit is in it (give it a text that has some) [wrong-template]",
        ),
        ('slug: "{{ blank[9:] }}"', "a slice is not for prompts"),
        ("slug: a/b", "slug is 'a/b'; it must be up to 64 letters, digits, hyphens and underscores"),
        (
            'title: "{{ ctiy }}"',
            "lantern.yaml:1:12: title knows no 'ctiy'; did you mean 'city'? (it knows blank, city, lines.end) [unknown-name]",
        ),
        (
            'title: "{% if false %}x{% endif %}"',
            "lantern.yaml:1:8: title is empty (say what it is called, or leave it out) [empty-prompt]",
        ),
        ('title: "{{ lines }}"', "'lines' is a mapping, and no text (write one of its names: lines.end)"),
    ],
)
def test_what_names_no_film_is_told(read: Read, top: str, problem: str):
    """
    With what came out of the template.
    """
    with pytest.raises(StoryboardError) as wrong:
        read(f"{top}\n{REST}")

    seen = [f"{each.place}: {each.sentence} [{each.code}]" for each in wrong.value.problems]
    assert len(seen) == 1
    assert problem in seen[0]
