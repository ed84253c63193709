"""
A media file that a person gave, measured. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from storyreel.files.regular import Seen
from storyreel.model.sound_track import SoundTrack


@dataclass(frozen=True)
class Footage:
    """
    A media file that a person gave, measured: a picture (`seconds` and `fps` are 0, `frames` 1) or a clip.

    `width` and `height` are as shown, that is, after rotation. A clip lasts `seconds`: to where its picture or its sound ends,
    whichever is later. Its frames take `picture_seconds` of them; then the last one stands.

    Of the file's `videos` the first is shown; of its sound `sound_track` is heard, none of `other_sound`, and not the
    `early_sound` seconds before the first frame. `converted` is what it is, where the service does not take that and it is
    converted before it is sent; empty where it is sent as it is. `seen` is how the file was when it had this content.
    """

    path: Path
    sha256: str
    width: int
    height: int
    seconds: float = 0.0
    fps: float = 0.0
    frames: int = 1
    has_audio: bool = False
    converted: str = ""
    picture_seconds: float = 0.0
    videos: int = 1
    sound_track: SoundTrack | None = None
    other_sound: tuple[SoundTrack, ...] = ()
    early_sound: float = 0.0
    seen: Seen | None = field(default=None, compare=False, repr=False)

    @property
    def picture_end(self) -> float:
        """The second at which its frames end; what comes after is the last one, standing."""
        return self.picture_seconds or self.seconds

    @property
    def is_picture(self) -> bool:
        """Whether this is a picture and not a clip."""
        return self.seconds == 0
