"""
Files of captions are read for their words and their times; what is none, or cannot be right, is told.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.storyboard.caption_files import WrongCaptions, read_captions

TIMES = "00:00:01,000 --> 00:00:02,500"
HEAD = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n"
EVENTS = f"{HEAD}[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
SPOKEN = "0,0:00:01.00,0:00:02.50,Default,,0,0,0,,"


def read(text: str | bytes) -> list[tuple[float, float, tuple[str, ...]]]:
    content = text if isinstance(text, bytes) else text.encode()
    return [(each.start, each.end, each.lines) for each in read_captions(content).captions]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(f"1\n{TIMES}\nHello\nthere\n", ("Hello", "there"), id="srt"),
        pytest.param(f"\ufeff1\r\n{TIMES}\r\nHello\r\nthere\r\n", ("Hello", "there"), id="BOM and CRLF"),
        pytest.param(f"1\r{TIMES}\rHello\r", ("Hello",), id="CR alone"),
        pytest.param(f"{TIMES}\nHello", ("Hello",), id="without numbers"),
        pytest.param(f"1\n{TIMES}\n<i>Hello</i> <font color=red>you</font>\n", ("Hello you",), id="tags"),
        pytest.param(f"1\n{TIMES}\n{{\\an8}}Hello {{laughs}}\n", ("Hello {laughs}",), id="overrides"),
        pytest.param(f"1\n{TIMES}\n1 < 2 & 3 > 2\n", ("1 < 2 & 3 > 2",), id="signs that are no tags"),
        pytest.param(f"1\n{TIMES}\nThe year\n2026\n", ("The year", "2026"), id="a number that is said"),
        pytest.param("WEBVTT\n\n00:01.000 --> 00:02.500 line:0\nHello\n", ("Hello",), id="vtt"),
        pytest.param(
            "WEBVTT - x\nKind: captions\n\nSTYLE\n::cue {}\n\nNOTE\nmine\n\nintro\n00:01.000 --> 00:02.500\n"
            "<v Bob>Hello &amp; <c.red>you</c> &lt;b&gt;\n\nNOTE end\n",
            ("Hello & you <b>",),
            id="vtt with all of it",
        ),
        pytest.param(
            f"{EVENTS}Dialogue: {SPOKEN}{{\\i1}}Hello{{\\i0}}, you\\Nthere\n", ("Hello, you", "there"), id="ass"
        ),
        pytest.param(
            f"{EVENTS}Comment: {SPOKEN}mine\nDialogue: {SPOKEN}{{\\p1}}m 0 0 l 1 1{{\\p0}}\nDialogue: {SPOKEN}Hello\n",
            ("Hello",),
            id="ass with what is not read",
        ),
        pytest.param(
            "WEBVTT\n\nNOTE mine\n\n\nNOTE\nmine\n\n00:01.000 --> 00:02.500\nTake a\nNOTE of this\n",
            ("Take a", "NOTE of this"),
            id="vtt with a word in a line that begins a block elsewhere",
        ),
        pytest.param(f"1\n{TIMES}\nHello\tyou\u2028there\n", ("Hello you there",), id="spaces of other kinds"),
        pytest.param(f"1\n{TIMES}\nHello\n\u200b\n", ("Hello",), id="a line that nobody sees"),
        pytest.param(f"1\n{TIMES}\nمرحبا\n終電\n", ("مرحبا", "終電"), id="other scripts"),
    ],
)
def test_words_are_read_and_looks_left_out(text: str, lines: tuple[str, ...]):
    """
    Whatever wrote the file.
    """
    assert [(1.0, 2.5, lines)] == read(text)


def test_a_caption_ends_where_the_next_one_begins():
    """
    And that is remarked on, with both times; two that begin together are one.
    """
    text = "1\n00:00:01,000 --> 00:00:05,000\nA\n\n2\n00:00:03,000 --> 00:00:04,000\nB\n\n3\n00:00:03,000 --> 00:00:04,500\nC\n"
    captions = read_captions(text.encode())

    assert [(1.0, 3.0, ("A",)), (3.0, 4.5, ("B", "C"))] == read(text)
    assert "at 1 s, to 5 s, where the next begins at 3 s" in captions.remarks[0]


def test_captions_stand_in_the_order_of_their_times():
    """
    However they are listed.
    """
    text = "1\n00:00:03,000 --> 00:00:04,000\nB\n\n2\n00:00:01,000 --> 00:00:02,000\nA\n"

    assert ["A", "B"] == [lines[0] for _, _, lines in read(text)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("is empty", "download it again")),
        (b"  \n\n", ("is empty",)),
        (b"\x00\x01\x02" * 50, ("binary", "SRT, VTT and ASS are read")),
        ("1\n".encode("utf-16"), ("UTF-16", "encoding UTF-8")),
        (f"1\n{TIMES}\nHällo\n".encode("latin-1"), ("not UTF-8 from line 3 on", "encoding UTF-8")),
        (b"Once upon a time", ("no file of captions", "SRT, VTT and ASS are read")),
        (b'{"info": {}, "events": []}', ("no file of captions",)),
        (b"{1}{20}Hello", ("no file of captions",)),
        (f"1\n-{TIMES}\nHello\n".encode(), ("a time before 0 in line 2", "shift them")),
        (f"{EVENTS}Dialogue: 0,-{SPOKEN[2:]}Hello\n".encode(), ("a time before 0 in line 10", "shift them")),
        (b"1\n100:00:03,000 --> 100:00:04,000\nHello\n", ("a hundred hours or more in line 2", "00:00:01,500")),
        (b"1\n00:00:03,000 --> 00:00:02,500\nHello\n", ("caption 1 from 3 s to 2.5 s", "before it begins", "mend")),
        (b"1\n00:00:03,000 --> 00:00:03,000\nHello\n", ("caption 1 from 3 s to 3 s", "when it begins", "mend")),
        (f"1\n{TIMES}\n\n".encode(), ("has no caption in it",)),
        (f"1\n{TIMES}\n<i></i>\n".encode(), ("has no caption in it",)),
        (EVENTS.encode(), ("has no caption in it",)),
        (b"[Events]\nDialogue: what\n", ("has no caption in it",)),
        (f"1\n{TIMES}\n{'x' * 1001}\n".encode(), ("1001 letters in caption 1, at 1 s", "1000 are the most", "several")),
    ],
)
def test_what_is_no_file_of_captions_is_told(content: bytes, words: tuple[str, ...]):
    """
    With where it is wrong, and what to do.
    """
    with pytest.raises(WrongCaptions) as wrong:
        read_captions(content)

    told = f"{wrong.value.what}; {wrong.value.remedy}"
    assert all(word in told for word in words), told


@given(st.binary(max_size=300), st.sampled_from([b"", b"WEBVTT\n\n", EVENTS.encode(), f"1\n{TIMES}\n".encode()]))
def test_whatever_is_in_a_file_it_is_captions_or_told(noise: bytes, head: bytes):
    """
    Nothing else comes out of it, and no caption without words or seconds.
    """
    try:
        captions = read_captions(head + noise).captions
    except WrongCaptions:
        return
    assert all(each.lines and each.start < each.end for each in captions)
    assert all(each.end <= after.start for each, after in itertools.pairwise(captions))
