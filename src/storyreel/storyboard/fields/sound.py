"""
What is heard: a clip's own sound, what is laid over it, and music.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from storyreel.storyboard.fields.words import About, Number, Part, SceneId, Sound, Words

SOFTEST_DB, LOUDEST_DB = -60, 20
LONGEST_FADE_S = 600
QUIETEST_LUFS, LOUDEST_LUFS = -40, -8

Gain = Annotated[
    Number,
    Field(ge=SOFTEST_DB, le=LOUDEST_DB),
    About(f"a number of dB, from {SOFTEST_DB} to {LOUDEST_DB}", ("gain", "volume", "level")),
]
Fade = Annotated[
    Number, Field(ge=0, le=LONGEST_FADE_S), About(f"a number of seconds, from 0 to {LONGEST_FADE_S}", ("fade",))
]
FadeIn = Annotated[Fade, About(f"a number of seconds, from 0 to {LONGEST_FADE_S}", ("fadein", "attack"))]
FadeOut = Annotated[Fade, About(f"a number of seconds, from 0 to {LONGEST_FADE_S}", ("fadeout", "release"))]
SoundFile = Annotated[Words, About("a file", ("path", "src", "source"))]
Loudness = Annotated[
    Number,
    Field(ge=QUIETEST_LUFS, le=LOUDEST_LUFS),
    About(f"a number of LUFS, from {QUIETEST_LUFS} to {LOUDEST_LUFS}", ("lufs", "normalize", "loudnorm")),
]


class OwnSound(Part):
    """How a clip's own sound is heard. An item of `cut.order` replaces a scene's field by field."""

    TITLE: ClassVar[str] = "`sound`"
    IN: ClassVar[str] = "in a sound"
    INTO: ClassVar[str] = "into `sound`"

    gain_db: Gain | None = None
    """How much louder it is, in dB; -6 is half as loud to the meter; default: 0."""
    mute: Annotated[Sound, About("true or false", ("muted", "silent"))] | None = None
    """Whether nothing of it is heard; default: false."""
    fade_in: FadeIn | None = None
    """Seconds of the film over which it rises from silence; default: 0."""
    fade_out: FadeOut | None = None
    """Seconds of the film over which it falls to silence, where the shot ends; default: 0."""
    duck: Annotated[Sound, About("true or false", ("ducking",))] | None = None
    """Whether music goes down under all of the shot, as it does under a `voiceover`; default: false."""


class Laid(Part):
    """A sound of your own that is laid over a scene: it begins once, and runs on over what follows."""

    TITLE: ClassVar[str] = "An item of `voiceover`, or of `sounds`"
    IN: ClassVar[str] = "in a sound that is laid over"

    file: SoundFile
    """Your own recording or effect, a file. A template."""
    at: Annotated[Number, Field(ge=0), About("a number of seconds, 0 or more", ("start", "begin", "offset"))] = 0.0
    """Seconds of the film after the first frame of the scene's first shot; default: 0."""
    gain_db: Gain = 0.0
    """How much louder it is, in dB; default: 0."""
    fade_in: FadeIn = 0.0
    """Seconds over which it rises from silence; default: 0."""
    fade_out: FadeOut = 0.0
    """Seconds over which it falls to silence, where it ends; default: 0."""


class Music(Part):
    """Music of your own, from one scene to another."""

    TITLE: ClassVar[str] = "An item of `cut.music`"
    IN: ClassVar[str] = "in a piece of music"

    file: SoundFile
    """A file. A template."""
    from_: Annotated[SceneId, About("the id of a scene", ("first",))] | None = Field(default=None, alias="from")
    """The scene with whose first shot it begins; default: the film's first."""
    to: Annotated[SceneId, About("the id of a scene", ("until", "last"))] | None = None
    """The scene with whose last shot it ends, if the file is long enough; default: the film's last."""
    start: Annotated[Number, Field(ge=0), About("a number of seconds, 0 or more", ("offset", "in"))] = 0.0
    """Seconds of the file that are left out at its beginning; default: 0."""
    loop: Annotated[Sound, About("true or false", ("repeat",))] = False
    """Whether it goes back to `start` where the file ends; default: false."""
    gain_db: Gain = 0.0
    """How much louder it is, in dB; default: 0."""
    fade_in: FadeIn = 0.0
    """Seconds over which it rises from silence; default: 0."""
    fade_out: FadeOut = 0.0
    """Seconds over which it falls to silence, where it ends; default: 0."""
    duck_db: Annotated[
        Number, Field(ge=SOFTEST_DB, le=0), About(f"a number of dB, from {SOFTEST_DB} to 0", ("duck", "ducking"))
    ] = -10.0
    """How far it goes down under a `voiceover` and under scenes with `sound: {duck: true}`, in dB; 0: never; default: -10."""
