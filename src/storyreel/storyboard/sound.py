"""
Read what is heard: how each shot's own sound is, what is laid over scenes, and music.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from storyreel.model.shot import from_start
from storyreel.model.sound import LaidSound, Music, OwnSound, SoundFile, spanned
from storyreel.model.spans import to_frames
from storyreel.model.storyboard import CutItem, Scene
from storyreel.model.timeline import NOMINAL
from storyreel.model.updated import updated
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.cut import nearest_scene
from storyreel.storyboard.files import Missing, short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail

MUSIC: Trail = ("cut", "music")
LEAST_S = 1 / float(NOMINAL)
"""Less than a frame of music is nothing to loop."""
HAIR_S = 1e-6


class Heard:
    """
    What is heard of a storyboard's film: `items` are those of the cut with their own sound, `scenes` the scenes with what is laid
    over them, `music` the beds.

    Args:
        scenes: All scenes, as they were read, and `trails` where each stands.
        items: What the film shows.
        of_the_cut: What `cut` has the master show, by which music of another film is placed; None for the master.
    """

    def __init__(
        self,
        findings: Findings,
        sheet: fields.Sheet,
        cast: Cast,
        scenes: Sequence[Scene],
        trails: Mapping[str, Trail],
        items: Sequence[CutItem],
        *,
        of_the_cut: Sequence[CutItem] | None = None,
    ) -> None:
        self._findings = findings
        self._cast = cast
        self._trails = trails
        self._lengths = {scene.id: scene.seconds for scene in scenes}
        self._written = {scene.id: scene for scene in sheet.scenes}
        self._shown = tuple(item.scene for item in items)
        order = sheet.cut.order if len(sheet.cut.order or ()) == len(items) else None
        self.items = tuple(
            updated(item, sound=self._own(item, None if order is None else order[at], at))
            for at, item in enumerate(items)
        )
        firsts = {item.scene: item for item in reversed(items)}
        self.scenes = tuple(self._scene(scene, firsts.get(scene.id)) for scene in scenes)
        self._of_the_cut = None if of_the_cut is None else tuple(item.scene for item in of_the_cut)
        beds = [self._bed((*MUSIC, at), written) for at, written in enumerate(sheet.cut.music)]
        self.music = tuple(bed for bed in beds if bed is not None)

    def _own(self, item: CutItem, written: str | fields.Item | None, at: int) -> OwnSound:
        """Return how a shot is heard: what its item says, and else its scene."""
        below = self._written[item.scene].sound
        below_at: Trail = (*self._trails[item.scene], "sound")
        own = written.sound if isinstance(written, fields.Item) else None
        own_at: Trail = ("cut", "order", at, "sound")
        for each, here in ((below, below_at), (own, own_at)):
            if each is not None and each.mute:
                self._mute_alone(here, each)
        inherited = {} if below is None else below.model_dump(exclude_none=True)
        anew = {} if own is None else own.model_dump(exclude_none=True)
        if inherited.get("mute") and "mute" not in anew and (useless := _levels(anew)):
            message = (
                f"`{useless[0]}` changes nothing here: scene '{item.scene}' is mute ({self._findings.line(below_at)})"
            )
            remedy = "add `mute: false`, or take it away"
            self._findings.tell_once("conflicting-keys", (*own_at, useless[0]), message, remedy)
        sound = OwnSound(**{**inherited, **anew})
        where = own_at if {"fade_in", "fade_out"} & anew.keys() else below_at
        self._fades(where, sound.fade_in, sound.fade_out, self._shown_seconds(item), f"what is shown of '{item.scene}'")
        return sound

    def _mute_alone(self, here: Trail, sound: fields.OwnSound) -> None:
        for name in _levels(sound.model_dump(exclude_none=True)):
            message = (
                f"`mute` is true, and `{name}` is {getattr(sound, name):g}: of a mute clip there is nothing to be heard"
            )
            self._findings.tell_once("conflicting-keys", (*here, name), message, "take one of them away")

    def _scene(self, scene: Scene, shot: CutItem | None) -> Scene:
        """Return a scene with what is laid over it."""
        trail, written = self._trails[scene.id], self._written[scene.id]
        laid = [
            each
            for kind, sounds in (("voiceover", written.voiceover), ("sounds", written.sounds))
            for at, sound in enumerate(sounds)
            if (each := self._laid((*trail, kind, at), scene, shot, kind, sound)) is not None
        ]
        return updated(scene, laid=tuple(laid))

    def _laid(
        self, here: Trail, scene: Scene, shot: CutItem | None, kind: str, written: fields.Laid
    ) -> LaidSound | None:
        file = self._file((*here, "file"), written.file, scene.id)
        if shot is not None:
            shown = self._shown_seconds(shot)
            if shown > 0 and to_frames(written.at, NOMINAL) >= to_frames(shown, NOMINAL):
                left = "" if written.at >= shown else ": less than a frame of it is left"
                message = f"at is {written.at:g} s, and the shot of '{scene.id}' is {shown:g} s long{left}"
                remedy = f"begin it earlier, or lay it over the scene that is seen then, in its `{kind}`"
                self._findings.tell("sound-outside", (*here, "at"), message, remedy)
        if file is None:
            return None
        self._fades(here, written.fade_in, written.fade_out, file.seconds, f"'{short(written.file)}'")
        which: Literal["voiceover", "sounds"] = "voiceover" if kind == "voiceover" else "sounds"
        return LaidSound(which, file, written.at, written.gain_db, written.fade_in, written.fade_out)

    def _bed(self, here: Trail, written: fields.Music) -> Music | None:
        file = self._file((*here, "file"), written.file, None)
        if self._of_the_cut is not None:
            between = self._between(here, written)
            if between is None:
                return None
            written = written.model_copy(update={"from_": between[0], "to": between[1]})
        ends = [self._end((*here, name), name, value) for name, value in (("from", written.from_), ("to", written.to))]
        if file is None or not all(ends):
            return None
        bed = Music(
            file=file,
            first=written.from_,
            last=written.to,
            start=written.start,
            loop=written.loop,
            gain_db=written.gain_db,
            fade_in=written.fade_in,
            fade_out=written.fade_out,
            duck_db=written.duck_db,
        )
        left = file.seconds - written.start
        if left < (LEAST_S if written.loop else HAIR_S):
            message = f"start is {written.start:g} s, and '{short(written.file)}' is {file.seconds:g} s long"
            what = "nothing of it is left to loop" if written.loop else "nothing of it is left"
            self._findings.tell("sound-outside", (*here, "start"), f"{message}: {what}", "begin earlier in the file")
            return None
        first, last = bed.spans(self._shown)
        if first > last:
            message = (
                f"the music is from '{self._shown[first]}', shot {first + 1}, to '{self._shown[last]}', shot {last + 1}: "
                "it would end before it begins"
            )
            remedy = f"write from: {self._shown[last]} and to: {self._shown[first]}"
            self._findings.tell("music-backwards", (*here, "to" if written.to else "from"), message, remedy)
            return None
        under = sum(self._shown_seconds(item) for item in self.items[first : last + 1])
        played = under if written.loop else min(left, under)
        self._fades(here, written.fade_in, written.fade_out, played, f"what is played of '{short(written.file)}'")
        return bed

    def _shown_seconds(self, item: CutItem) -> float:
        start, end = from_start(item.start, item.end, self._lengths[item.scene])
        return (end - start) / float(item.speed)

    def _between(self, here: Trail, written: fields.Music) -> tuple[str | None, str | None] | None:
        """
        Return with which scenes music begins and ends in a film that is not the master; None where there is none of it.

        Where the film lacks one of those that are written, or has them the other way round, it is from the first to the last shot of
        the scenes that the master has between them.
        """
        ends, master = (written.from_, written.to), self._of_the_cut or ()
        if not all(end is None or end in master for end in ends):
            return None  # told of the master
        shown = self._shown
        if shown and all(end is None or end in shown for end in ends):
            first, last = spanned(*ends, shown)
            if first <= last:
                return ends
        first, last = spanned(*ends, master)
        heard = [scene for scene in shown if scene in set(master[first : last + 1])]
        if not heard:
            if shown:
                begin, end = master[first], master[last]
                message = f"this film shows no scene from '{begin}' to '{end}', so '{short(written.file)}' is left out"
                self._findings.note("music-left-out", (*here, "file"), message)
            return None
        return heard[0], heard[-1]

    def _end(self, here: Trail, name: str, scene: str | None) -> bool:
        """Whether the film shows the scene with which music begins or ends."""
        if scene is None or scene in self._shown:
            return bool(self._shown)
        if scene not in self._trails:
            message = f"the music is {name} '{scene}', and no scene has that id"
            self._findings.tell("unknown-scene", here, message, nearest_scene(scene, self._trails))
        elif self._shown:
            message = f"the music is {name} '{scene}', which the film does not show"
            shown = ", ".join(dict.fromkeys(self._shown))
            self._findings.tell("unknown-scene", here, message, f"put it into `cut.order`, or name one of {shown}")
        return False

    def _fades(self, here: Trail, fade_in: float, fade_out: float, length: float, what: str) -> None:
        """Tell fades that take longer than there is something to be heard."""
        if length > 0 and fade_in + fade_out > length + LEAST_S:
            both = f"fade_in {fade_in:g} s and fade_out {fade_out:g} s" if fade_in and fade_out else ""
            one = f"fade_in is {fade_in:g} s" if fade_in else f"fade_out is {fade_out:g} s"
            message = f"{f'{both} are {fade_in + fade_out:g} s' if both else one}, and {what} is {length:g} s long"
            name = "fade_out" if fade_out else "fade_in"
            self._findings.tell_once("sound-outside", (*here, name), message, "make the fades shorter")

    def _file(self, here: Trail, written: str, scene: str | None) -> SoundFile | None:
        findings = self._findings
        name = findings.words(here, written, self._cast.known(scene=scene), what="file")
        if name is None:
            return None
        try:
            file = findings.folder.sound(name)
        except Missing as missing:
            findings.tell(missing.code, here, missing.message, missing.remedy)
            return None
        if file.whole_seconds is not None:
            message = (
                f"'{short(written)}' says that it is {file.whole_seconds:.3g} s long, and has {file.seconds:.3g} s"
            )
            findings.note("sound-not-whole", here, f"{message}: it was most likely not copied whole")
        return file


def _levels(sound: Mapping[str, object]) -> list[str]:
    """Return what a sound says of how loud it is."""
    return [name for name in ("gain_db", "fade_in", "fade_out") if sound.get(name)]
