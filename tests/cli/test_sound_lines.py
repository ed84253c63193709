"""
What is heard stands on the time line of a plan, and can be read on a narrow terminal.
"""

from io import StringIO
from pathlib import Path

from rich.console import Console

from storyreel.cli.sound_lines import show_sound
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.sound import LaidSound, Music, OwnSound, SoundFile
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline


def shot(scene: str, seconds: float, **options: object) -> Shot:
    step = f"{scene}/video"
    return Shot(scene, StepClip(step, seconds), 0.0, None, (Credit(step, 0.0, seconds),), **options)


def sound(name: str, seconds: float) -> SoundFile:
    return SoundFile(Path("media") / name, name, seconds)


def shown(film: Timeline) -> list[str]:
    """Return the lines of a terminal of 80 columns."""
    screen = StringIO()
    show_sound(Console(file=screen, width=80, force_terminal=True, color_system=None), film)
    return [line.rstrip() for line in screen.getvalue().splitlines()]


STOP = shot(
    "stop",
    6,
    joint=Transition("dissolve", 0.5),
    sound=OwnSound(gain_db=-6, duck=True),
    laid=(
        LaidSound("voiceover", sound("ana-1.wav", 2), at=0.4, gain_db=-2),
        LaidSound("sounds", sound("bell.wav", 2), at=5.5),
    ),
)
MUSIC = Music(sound("bed.wav", 3), first="city", last="stop", start=0.5, loop=True, gain_db=-18, fade_in=1, fade_out=2)


def test_voices_effects_and_music_stand_at_their_times():
    """
    In the order of the film, which a transition makes shorter.
    """
    lines = shown(Timeline((848, 480), (shot("city", 4), STOP), music=(MUSIC,), loudness=-14))
    rows = [line.split(maxsplit=4) for line in lines if line[:4].strip().replace(".", "").isdigit()]

    assert [
        ["0.00", "9.50", "music", "bed.wav"],
        ["3.50", "9.50", "shot", "stop"],
        ["3.92", "5.92", "voice", "ana-1.wav"],
        ["9.00", "9.50", "effect", "bell.wav"],
    ] == [row[:4] for row in rows]
    words = " ".join(" ".join(lines).split())
    for phrase in (
        "from city",
        "-18 dB",
        "1 s in",
        "2 s out",
        "begins at 0.5 s",
        "loops",
        "-6 dB, music goes down",
        "the film ends",
    ):
        assert phrase in words
    assert "music is down: 3.50 to 9.50 s" in lines
    assert "loudness: -14 LUFS, true peak under -1 dBTP" in lines
    assert max(map(len, lines)) <= 80


def test_a_film_that_is_heard_as_it_is_has_no_lines():
    """
    Nothing is said of what nobody asked for.
    """
    assert [] == shown(Timeline((848, 480), (shot("city", 4), shot("stop", 6))))
