"""
Everything that is done to pictures and clips: measure, check, take frames, trim, conform, splice, verify.

ffmpeg is found, never bundled, and runs as processes of its own; PyAV reads files within this one. Both are loaded when
they are first needed, so that importing this package stays cheap. Nothing here knows what a storyboard or a take is.
"""

from __future__ import annotations

from storyreel.media.bus import SoundPiece, is_whole_sound, take_sound, taking
from storyreel.media.conform import conform, tail, trim
from storyreel.media.cover import Cover, cover, wait
from storyreel.media.damage import check_frames
from storyreel.media.drawing import draw, drawn_at
from storyreel.media.ffmpeg import ffmpeg_binary, run_ffmpeg, version_of
from storyreel.media.format import House, house_for, matches
from storyreel.media.frames import first_frame, frame_at, frame_near, last_frame
from storyreel.media.integrity import check_own
from storyreel.media.kinds import mime_of, suffix_of
from storyreel.media.measure import measure
from storyreel.media.packets import Scan, scan
from storyreel.media.pictures import check_picture, converted, seems
from storyreel.media.probe import Measured, Signature, probe
from storyreel.media.programme import STEMS, GivenSound, Programme, Stem, produce, produce_stems
from storyreel.media.quality.inspect import check_and_inspect, inspect_still
from storyreel.media.quality.inspection import Inspection
from storyreel.media.render import render
from storyreel.media.sound_files import check_sound, measure_sound
from storyreel.media.splice import Spliced, splice
from storyreel.media.survey import Survey
from storyreel.media.tags import tag_film
from storyreel.media.track import Piece, joining
from storyreel.media.verify import Verified, verify
from storyreel.media.windows import Fade, Mix, Stretch, Window

__all__ = [
    "STEMS",
    "Cover",
    "Fade",
    "GivenSound",
    "House",
    "Inspection",
    "Measured",
    "Mix",
    "Piece",
    "Programme",
    "Scan",
    "Signature",
    "SoundPiece",
    "Spliced",
    "Stem",
    "Stretch",
    "Survey",
    "Verified",
    "Window",
    "check_and_inspect",
    "check_frames",
    "check_own",
    "check_picture",
    "check_sound",
    "conform",
    "converted",
    "cover",
    "draw",
    "drawn_at",
    "ffmpeg_binary",
    "first_frame",
    "frame_at",
    "frame_near",
    "house_for",
    "inspect_still",
    "is_whole_sound",
    "joining",
    "last_frame",
    "matches",
    "measure",
    "measure_sound",
    "mime_of",
    "probe",
    "produce",
    "produce_stems",
    "render",
    "run_ffmpeg",
    "scan",
    "seems",
    "splice",
    "suffix_of",
    "tag_film",
    "tail",
    "take_sound",
    "taking",
    "trim",
    "verify",
    "version_of",
    "wait",
]
