"""
A text becomes captions as subtitlers make them: two lines that are balanced, broken where it hurts least.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.line_breaks import COLUMNS, LINES, broken, columns, wrapped

ORDINARY = st.text(st.sampled_from("abc. ,!?-éж中あーア。、「」عالم'\"\u0301\n "), max_size=400)


@pytest.mark.parametrize(
    ("text", "captions"),
    [
        pytest.param("Nobody waits for a tram like this.", [["Nobody waits for a tram like this."]], id="one line"),
        pytest.param(
            "Nobody waits for a tram like this, and nobody ever did.",
            [["Nobody waits for a tram like this,", "and nobody ever did."]],
            id="after a phrase",
        ),
        pytest.param(
            "The tram goes up the hill to the old town and never comes back.",
            [["The tram goes up the hill to the", "old town and never comes back."]],
            id="balanced",
        ),
        pytest.param(
            "Where are we going, my friend, in all this rain? Home. To the sea, where nobody has ever been happy.",
            [
                ["Where are we going,", "my friend, in all this rain?"],
                ["Home. To the sea,", "where nobody has ever been happy."],
            ],
            id="after a sentence",
        ),
        pytest.param("- Where to?\n- Home.", [["- Where to?", "- Home."]], id="as written"),
        pytest.param("a\nb\nc\nd", [["a", "b"], ["c", "d"]], id="four as written"),
        pytest.param(
            "Venez ici, je vous en prie, mes amis\u202f! « Non », dit-elle en riant.",
            [["Venez ici, je vous en prie, mes amis\u202f!", "« Non », dit-elle en riant."]],
            id="signs keep to their words",
        ),
        pytest.param(
            "誰もこんな電車を待ったりしない。でも私たちは雨の中で待っている。",
            [["誰もこんな電車を待ったりしない。", "でも私たちは雨の中で待っている。"]],
            id="japanese",
        ),
        pytest.param(
            "没有人会等这样的电车。可是我们两个人在雨里，在终点站等着。",
            [["没有人会等这样的电车。", "可是我们两个人在雨里，在终点站等着。"]],
            id="chinese",
        ),
        pytest.param(
            "아무도 이런 전차를 기다리지 않는다, 그런데도 우리는 여기 있다.",
            [["아무도 이런 전차를 기다리지 않는다,", "그런데도 우리는 여기 있다."]],
            id="korean breaks at spaces",
        ),
        pytest.param(
            "لا أحد ينتظر ترامًا كهذا، ومع ذلك ها نحن هنا، نحن الاثنان تحت المطر.",
            [["لا أحد ينتظر ترامًا كهذا،", "ومع ذلك ها نحن هنا، نحن الاثنان تحت المطر."]],
            id="arabic",
        ),
        pytest.param("x" * 50, [["x" * 42, "x" * 8]], id="longer than a line"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_text_is_broken_where_it_hurts_least(text: str, captions: list[list[str]]):
    """
    At the end of a sentence rather than of a phrase, of a phrase rather than of a word, and into lines of one length.
    """
    assert captions == [list(lines) for lines in broken(text)]


def test_wide_letters_take_two_columns_and_marks_none():
    """
    An accent of its own, a vowel that is pointed, and a family of four are no further columns.
    """
    assert [3, 6, 1, 4, 2] == [columns(each) for each in ("abc", "あいう", "e\u0301", "مَدَدٌ"[:0] + "abcd", "👩‍👩‍👧‍👦")]
    assert columns("ترام") == columns("تَرَام")


@pytest.mark.parametrize(
    ("lines", "narrower"),
    [
        (("Short", "one"), ("Short", "one")),
        (
            ("Nobody waits for a tram like this,", "and yet here we are, the two of us."),
            ("Nobody waits for", "a tram like this,", "and yet here we are,", "the two of us."),
        ),
        (
            ("This is what somebody says: it is long", "enough to have two lines of words."),
            ("This is what somebody says:", "it is long enough to have", "two lines of words."),
        ),
        (
            ("– I wait for the tram to Lisbon and", "– Home."),
            ("– I wait for the", "tram to Lisbon and", "– Home."),
        ),
        (
            ("– Where are we going, my friend, tonight?", "– Home."),
            ("– Where are we going,", "my friend, tonight?", "– Home."),
        ),
        (
            ("誰もこんな電車を待ったりしない。", "でも私たちは雨の中で待っている。"),
            ("誰もこんな電車を", "待ったりしない。", "でも私たちは雨の", "中で待っている。"),
        ),
    ],
)
def test_a_caption_has_more_lines_where_they_are_to_be_shorter(lines: tuple[str, ...], narrower: tuple[str, ...]):
    """
    About as long as each other, broken by the same rules; what fits stands as it is.
    """
    assert narrower == wrapped(lines, 28)


@given(ORDINARY, st.integers(14, 42))
def test_shorter_lines_say_the_same(text: str, most: int):
    """
    Every sign, in its order, and no line wider than it may be but for a word that is.
    """
    for lines in broken(text):
        narrower = wrapped(lines, most)
        assert "".join("".join(narrower).split()) == "".join("".join(lines).split())
        assert all(columns(line) <= most or " " not in line.strip() or len(line) > most for line in narrower)


@given(ORDINARY)
def test_every_caption_is_of_two_lines_that_fit(text: str):
    """
    Whatever is written.
    """
    for lines in broken(text):
        assert 1 <= len(lines) <= LINES
        assert all(0 < columns(line) <= COLUMNS or len(line) < 8 for line in lines)


@given(ORDINARY)
def test_nothing_that_is_said_is_lost(text: str):
    """
    But for the white space at breaks, captions have every sign of the text, in its order.
    """
    assert "".join(text.split()) == "".join("".join(line.split()) for lines in broken(text) for line in lines)


@given(ORDINARY)
def test_no_line_of_japanese_begins_with_a_sign_that_ends_something(text: str):
    """
    Nor does one end with a sign that begins something.
    """
    for lines in broken(text):
        for before, after in itertools.pairwise(lines):
            if " " not in text and "\n" not in text and columns(before) < COLUMNS - 2:
                assert after[0] not in "。、」ー" or columns(before + after[0]) > COLUMNS
                assert before[-1] != "「"
