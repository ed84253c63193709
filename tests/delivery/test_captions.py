"""
Captions beside a film, as files that other programs read.
"""

from fractions import Fraction

import pysubs2
import pytest

from storyreel.delivery.captions import caption_remarks, srt, vtt
from storyreel.model.captions import Caption, Say
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.timeline import MeasuredSource, Timeline, resolve
from storyreel.storyboard.caption_files import read_captions

RATE = Fraction(30000, 1001)
CAPTIONS = (
    Caption(first_frame=0, frames=30, lines=("Nobody waits", "for <b> & {x}."), scene="sea"),
    Caption(first_frame=107893, frames=60, lines=("終電",), scene="sea"),
)


def test_srt_has_numbers_commas_and_the_words_as_they_are():
    """
    Frames are told to the nearest millisecond.
    """
    assert (
        "1\n00:00:00,000 --> 00:00:01,001\nNobody waits\nfor <b> & {x}.\n\n"
        "2\n01:00:00,030 --> 01:00:02,032\n終電\n" == srt(CAPTIONS, RATE)
    )


def test_vtt_says_of_signs_that_they_are_nothing_else():
    """
    A browser would take them for marks.
    """
    assert (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.001\nNobody waits\nfor &lt;b&gt; &amp; {x}.\n\n"
        "01:00:00.030 --> 01:00:02.032\n終電\n" == vtt(CAPTIONS, RATE)
    )


@pytest.mark.parametrize(("kind", "text"), [("srt", srt(CAPTIONS, RATE)), ("vtt", vtt(CAPTIONS, RATE))])
def test_what_is_written_can_be_read(kind: str, text: str):
    """
    By another program, and here, with the same words where their format can say them.
    """
    assert [0, 3600030] == [event.start for event in pysubs2.SSAFile.from_string(text, format_=kind)]
    words = [each.lines for each in read_captions(text.encode()).captions]
    assert ("終電",) == words[1]
    if kind == "vtt":
        assert CAPTIONS[0].lines == words[0]


def test_each_thing_that_is_in_no_caption_is_remarked_on():
    """
    With its words, its scene and its second: a clip came back with less than was asked for.
    """
    say = (Say("Look!", 0.5, 1.0), Say("Nobody waits for a tram like this, and yet we do.", 2.5, 3.0))
    shot = Shot("sea", StepClip("sea/video", 3.0), 0.0, None, (Credit("sea/video", 0.0, 3.0),), say=say)
    timeline = Timeline((96, 64), (shot,))
    film = resolve(timeline, [MeasuredSource("a", 48, 2.0, joins=True)], rate=Fraction(24), size=(96, 64))
    [remark] = caption_remarks(timeline, film)

    assert "'Nobody waits for a tram like this, and…', said in 'sea', at 2.5 s, is in no caption" in remark
