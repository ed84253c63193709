"""
Find the files that a storyboard names: media, and texts for prompts.

Paths are relative to the file they stand in, the storyboard's or one that it uses, and stay inside the storyboard's folder or
its project's, links resolved. Measuring a file is somebody else's
work, handed in as a function; every file is measured once.
"""

from __future__ import annotations

import errno
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import relpath

from storyreel.diagnostics.codes import Code
from storyreel.did_you_mean import nearest_file
from storyreel.errors import MediaError, WrongMedia
from storyreel.files.project import project_of
from storyreel.files.regular import WORDS_MOST, NotPlain, read_plain, reason_of
from storyreel.fonts.face import is_face
from storyreel.model.captions import CaptionFile
from storyreel.model.drawn import FontFile
from storyreel.model.footage import Footage
from storyreel.model.recipe import sha256_of
from storyreel.model.sound import SoundFile
from storyreel.storyboard.caption_files import WrongCaptions, read_captions
from storyreel.storyboard.prompts.known import MAX_SOURCE, Faulty

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[/\\\x00-\x1f]")
_ESCAPES = {ord(c): f"/{letter}" for c, letter in zip("\a\b\t\n\v\f\r\x1b", "abtnvfre", strict=True)}
"""What YAML makes of a backslash and a letter inside double quotes, and what was probably meant."""
_HOME = re.compile(r"~[\w.-]*/|~$")
_ADDRESS = re.compile(r"(?i:https)://[^\s/?#@\\]+(?::\d+)?(/[^\s\\]*)?(\?[^\s\\]*)?")
MAX_ADDRESS = 2048
_OPENED = {
    "a picture": "PNG, JPEG and WebP are sent as they are; HEIC, AVIF, TIFF, BMP, GIF and JPEG 2000 are converted",
    "a clip": "MP4, MOV, MKV, WebM, AVI and MPEG-TS are opened",
}
"""What can be given instead of a file that nobody knows, where a picture or a clip is wanted."""


class Missing(Exception):
    """What a storyboard names cannot be used: says what is wrong and what to do."""

    def __init__(self, code: Code, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Address:
    """A picture that the service fetches itself."""

    url: str


@dataclass(frozen=True)
class Common:
    """
    What holds for all files that a storyboard names, wherever they are named.

    Args:
        border: The folder that they lie in.
        home: The storyboard's own.
    """

    border: Path
    home: Path
    measured: dict[Path, Footage | MediaError] = field(default_factory=dict)
    heard: dict[Path, SoundFile | WrongMedia] = field(default_factory=dict)

    @property
    def is_alone(self) -> bool:
        """Whether the storyboard's own folder is all there is."""
        return self.border == self.home


class Folder:
    """
    The folder of a storyboard, or of a file that it uses.

    Args:
        path: Of the storyboard's file.
        measure: Returns what a file is; raises `MediaError` if it is neither a picture nor a clip.
        measure_sound: Returns what a sound is; raises `WrongMedia` if it is none.
        common: What the files of one storyboard have in common, where `path` is of one that it uses.
    """

    def __init__(
        self,
        path: Path,
        measure: Callable[[Path], Footage],
        measure_sound: Callable[[Path], SoundFile] | None = None,
        common: Common | None = None,
    ) -> None:
        self._base = path.parent.resolve()
        self._common = common or Common(project_of(self._base), self._base)
        self._border = self._common.border
        self._is_used = common is not None
        self._measure = measure
        self._measured = self._common.measured
        self._measure_sound = measure_sound
        self._heard = self._common.heard

    @property
    def path(self) -> Path:
        """The folder that paths begin in, links resolved."""
        return self._base

    @property
    def _within(self) -> str:
        """What holds all files, as messages say it."""
        return "the storyboard's folder" if self._common.is_alone else "the project's folder"

    @property
    def _beside(self) -> str:
        """What paths have to be."""
        if self._is_used:
            return f"paths are relative to the file that they stand in and stay inside {self._within}"
        its = "its folder" if self._common.is_alone else self._within
        return f"paths are relative to the storyboard's file and stay inside {its}"

    def used(self, written: str) -> tuple[Path, Folder]:
        """
        Return the file with words of several storyboards that is meant by a path, and the folder that its own paths begin in.

        Raises:
            Missing: There is none, or it is something else.
        """
        path = self._inside(written)
        return path, Folder(_spelt(self._base, written), self._measure, self._measure_sound, self._common)

    def picture(self, written: str) -> Footage | Address:
        """
        Return the picture that is meant by a path or an https address.

        Raises:
            Missing: There is none, or it is something else.
        """
        if _ADDRESS.fullmatch(written) and len(written) <= MAX_ADDRESS:
            return Address(written)
        if written[:6].lower() == "https:" and self._here(written) is None:
            raise Missing(
                "wrong-address", f"'{short(written)}' is no address", "it looks like https://example.org/mira.png"
            )
        footage = self._footage(written, "a picture")
        if not footage.is_picture:
            message = f"'{short(written)}' is a clip of {footage.seconds:g} s, and a picture is wanted here"
            raise Missing("wrong-media", message, "give a picture; own clips go into a scene of their own: `clip: ...`")
        return footage

    def clip(self, written: str) -> Footage:
        """
        Return the clip that is meant by a path.

        Raises:
            Missing: There is none, or it is something else.
        """
        if written[:6].lower() == "https:" and self._here(written) is None:
            raise Missing(
                "wrong-address", "own footage is a file, not an address", "download it and put it beside the storyboard"
            )
        footage = self._footage(written, "a clip")
        if footage.is_picture:
            message = f"'{short(written)}' is a picture, and a clip is wanted here"
            raise Missing("wrong-media", message, "to set a picture in motion write `image: ...` and a `prompt`")
        return footage

    def font(self, written: str) -> FontFile:
        """
        Return the font that is meant by a path.

        Raises:
            Missing: There is none, or it is something else.
        """
        path = self._inside(written)
        try:
            if is_face(path):
                return FontFile(path, sha256_of(path))
        except OSError as error:
            raise Missing(
                "wrong-media", f"'{short(written)}' {reason_of(error)}", "see to that, then check again"
            ) from None
        remedy = "give a font in TrueType or OpenType: .ttf, .otf or .ttc"
        raise Missing("wrong-media", f"'{short(written)}' is no font that letters can be drawn with", remedy)

    def has(self, written: str) -> bool:
        """Whether something lies in the folder under this name."""
        return self._here(written) is not None

    def sound(self, written: str) -> SoundFile:
        """
        Return the sound that is meant by a path.

        Raises:
            Missing: There is none, or it is something else.
        """
        path = self._inside(written)
        if path not in self._heard:
            assert self._measure_sound is not None, "who reads a storyboard hands in how sounds are measured"
            try:
                self._heard[path] = self._measure_sound(path)
            except WrongMedia as error:
                self._heard[path] = error
        sound = self._heard[path]
        if isinstance(sound, WrongMedia):
            raise Missing("wrong-media", f"'{short(written)}' {sound.what}", sound.remedy)
        return sound

    def captions(self, written: str) -> tuple[CaptionFile, tuple[str, ...]]:
        """
        Return the captions that are meant by a path, and what of the file is not in them, as sentences about it.

        Raises:
            Missing: There is none, or it is something else.
        """
        path = self._inside(written)
        try:
            content = read_plain(path, WORDS_MOST)
            read = read_captions(content)
        except OSError as error:
            large = isinstance(error, NotPlain) and error.errno == errno.EFBIG
            remedy = "captions are words, and no film" if large else "see to that, then check again"
            raise Missing("wrong-media", f"'{short(written)}' {reason_of(error)}", remedy) from None
        except WrongCaptions as wrong:
            raise Missing("wrong-media", f"'{short(written)}' {wrong.what}", wrong.remedy) from None
        return CaptionFile(path, hashlib.sha256(content).hexdigest(), read.captions), read.remarks

    def text(self, written: str) -> str:
        """
        Return the text of an included file.

        Raises:
            Faulty: There is none, it lies outside the folder, or it is no text.
        """
        try:
            return read_plain(self._inside(written), MAX_SOURCE).decode("utf-8-sig")
        except Missing as missing:
            raise Faulty(missing.code, missing.message, missing.remedy, words=written) from None
        except UnicodeDecodeError:
            raise Faulty("wrong-media", f"'{short(written)}' is not UTF-8", "save it as UTF-8", words=written) from None
        except OSError as error:
            if isinstance(error, NotPlain) and error.errno == errno.EFBIG:
                message = f"'{short(written)}' is larger than {MAX_SOURCE // 1024} KiB"
                raise Faulty("too-long", message, "a prompt is a few sentences", words=written) from None
            raise Faulty("missing-file", f"'{short(written)}' {reason_of(error)}", words=written) from None

    def _footage(self, written: str, wanted: str) -> Footage:
        path = self._inside(written)
        if path not in self._measured:
            try:
                self._measured[path] = self._measure(path)
            except MediaError as error:
                self._measured[path] = error
        footage = self._measured[path]
        if isinstance(footage, WrongMedia):
            raise Missing("wrong-media", f"'{short(written)}' {footage.what}", footage.remedy or _OPENED[wanted])
        if isinstance(footage, MediaError):
            why = str(footage).splitlines()[0] if str(footage) else ""
            raise Missing("wrong-media", f"'{short(written)}' is not {wanted}", why)
        return footage

    def _inside(self, written: str) -> Path:
        real = self._here(written)
        if real is None:
            raise self._refusal(written)
        if real.is_dir():
            raise Missing("wrong-media", f"'{short(written)}' is a folder, not a file", "name the file in it")
        if not real.is_file():
            raise Missing(
                "wrong-media", f"'{short(written)}' is no plain file but a pipe, a socket or a device", "name a file"
            )
        return real

    def _here(self, written: str) -> Path | None:
        """Return what lies in the folder under this very name, whatever is in it, links resolved; None if nothing does."""
        if not written or written.startswith("/"):
            return None
        try:
            real = _spelt(self._base, written).resolve()
            return real if real.is_relative_to(self._border) and real.exists() else None
        except (OSError, ValueError, RuntimeError):
            return None

    def _refusal(self, written: str) -> Missing:
        """Return why nothing can be used that has this name; only where nothing lies there, since a file may be called anything."""
        if written.startswith("http:"):
            remedy = "use https, or download the file and put it beside the storyboard"
            return Missing("wrong-address", "an address must begin with https:", remedy)
        if _SCHEME.match(written):
            remedy = f"{self._beside}; pictures may have an https: address"
            return Missing("wrong-path", f"'{short(written)}' is no path that can be used here", remedy)
        if not written.strip():
            return Missing("wrong-path", "the path is empty", self._beside)
        if "\\" in written:
            if _DRIVE.match(written):
                return Missing("wrong-path", *_of_a_drive(written))
            slashed = short(written.replace("\\", "/"))
            return Missing("wrong-path", f"'{short(written)}' has a backslash", f"write it with slashes: {slashed}")
        if _HOME.match(written):
            return Missing("wrong-path", f"'{short(written)}' is not inside {self._within}", self._beside)
        path = _spelt(self._base, written)
        try:
            real = path.resolve()
            path.exists()
        except (OSError, ValueError, RuntimeError):
            return Missing("wrong-path", f"'{short(written)}' cannot be a path", self._beside)
        inside = real.is_relative_to(self._border)
        if written.startswith("/"):
            if inside:
                remedy = f"write it from there: {short(relpath(real, self._base))}"
                begins = "the file that it stands in" if self._is_used else "the storyboard's folder"
                return Missing("wrong-path", f"'{short(written)}' does not begin at {begins}", remedy)
            return Missing("wrong-path", f"'{short(written)}' is not inside {self._within}", self._beside)
        if not inside:
            message = f"'{short(written)}' leads out of {self._within}"
            above = ", or make a folder above a project by an empty storyreel.toml" if self._common.is_alone else ""
            return Missing("wrong-path", message, f"copy the file beside the storyboard{above}; {self._beside}")
        return self._absent(path, written)

    def _absent(self, path: Path, written: str) -> Missing:
        if path.is_symlink():
            remedy = "fetch it (git annex get, git lfs pull), or put the file itself there"
            return Missing("missing-file", f"'{short(written)}' is a link to a file that is not here", remedy)
        if _DRIVE.match(written):
            return Missing("wrong-path", *_of_a_drive(written))
        if any(ord(sign) in _ESCAPES for sign in written):
            message = "the path has a line break or a tab in it: inside double quotes YAML makes one of a backslash and a letter"
            return Missing("wrong-path", message, f"write it with slashes: {short(written.translate(_ESCAPES))}")
        if written != written.strip():
            message = "the path begins or ends with a blank, and there is no such file"
            return Missing("wrong-path", message, f"take it away: {short(written.strip())}")
        remedy = self._nearest(path, written) or self._beside
        return Missing("missing-file", f"there is no file '{short(written)}'", remedy)

    def _nearest(self, path: Path, written: str) -> str:
        if not path.parent.is_dir():
            beside = "the file that it stands in" if self._is_used else "the storyboard"
            return f"there is no folder '{short(str(Path(written).parent))}' beside {beside}"
        return nearest_file(path, prefix=written[: len(written) - len(path.name)])


def _of_a_drive(written: str) -> tuple[str, str]:
    """Return what is wrong with a path that begins with the letter of a drive, and what to do."""
    meant = written.translate(_ESCAPES)
    name = re.split(r"[/\\]", meant)[-1]
    remedy = f"put the file beside the storyboard, and write its path from there: {name}"
    return f"'{short(meant)}' is not inside the storyboard's folder", remedy


def _spelt(root: Path, written: str) -> Path:
    """Return the path that is meant below `root`: an accent is one character or two, here and in the names of files."""
    path = root / written
    try:
        if written.isascii() or path.exists():
            return path
        path = root
        for part in PurePosixPath(written).parts:
            there = [one.name for one in path.iterdir()] if path.is_dir() and path.is_relative_to(root) else []
            plain = unicodedata.normalize("NFC", part)
            alike = (name for name in there if unicodedata.normalize("NFC", name) == plain)
            path /= part if part in there else next(alike, part)
    except (OSError, ValueError):
        return root / written
    return path


def short(text: str, most: int = 60) -> str:
    """Return text that fits into a message: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
