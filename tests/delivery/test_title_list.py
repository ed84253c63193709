"""
What a cut list says of a film's titles, and what is remarked.
"""

from fractions import Fraction

import pytest

from storyreel.delivery.title_list import cut_titles, title_remarks
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.timeline import MeasuredSource, ResolvedTimeline, Timeline, resolve
from storyreel.model.words import Title

RATE = Fraction(24)


def film(*titles: Title, measured: float = 6.0) -> tuple[Timeline, ResolvedTimeline]:
    """Return a film of two shots of six seconds, the second with titles, as it is asked for and in frames."""
    shots = tuple(
        Shot(scene, StepClip(f"{scene}/video", 6.0), 0.0, None, (Credit(f"{scene}/video", 0.0, 6.0),), titles=over)
        for scene, over in (("sea", ()), ("pier", titles))
    )
    timeline = Timeline((848, 480), shots)
    sources = [MeasuredSource("a", round(seconds * 24), seconds, joins=True) for seconds in (6.0, measured)]
    return timeline, resolve(timeline, sources, rate=RATE, size=(848, 480))


def test_titles_are_listed_in_seconds_and_frames_of_the_film():
    """
    Those that are seen, as far as they are.
    """
    asked, resolved = film(Title("Rua da Bica", 1, 2.5), Title("Fim", 4, place="top"), Title("Late", 5.5), measured=5.0)
    listed = cut_titles(asked.picture[1], resolved.picture[1], RATE)

    assert [("Rua da Bica", "lower-third", 7.0, 9.5, 168, 60), ("Fim", "top", 10.0, 11.0, 240, 24)] == [
        (each.text, each.place, each.start, each.end, each.first_frame, each.frames) for each in listed
    ]


@pytest.mark.parametrize(
    ("title", "measured", "words"),
    [
        (
            Title("Rua\nda Bica", 5.2, 0.5),
            5.0,
            ("'Rua da Bica' would begin 5.2 s into 'pier'", "5.00 s long", "not seen"),
        ),
        (Title("Fim", 4, 2), 5.0, ("'Fim' ends with 'pier'", "5.00 s long", "to stand until 6.00 s")),
    ],
)
def test_a_title_that_a_shorter_clip_takes_something_from_is_remarked(
    title: Title, measured: float, words: tuple[str, ...]
):
    """
    With both lengths.
    """
    (remark,) = title_remarks(*film(title, measured=measured))

    assert all(word in remark for word in words), remark


@pytest.mark.parametrize(
    ("title", "measured"),
    [(Title("A", 4, 2), 6.0), (Title("A", 4), 5.0), (Title("A", 4, 9), 6.0), (Title("A", 1, 1), 5.0)],
)
def test_nothing_is_remarked_on_a_title_that_stands_as_it_was_asked_for(title: Title, measured: float):
    """
    Nor on one that is to end with its shot, or of which a check has said that it does.
    """
    assert [] == list(title_remarks(*film(title, measured=measured)))
