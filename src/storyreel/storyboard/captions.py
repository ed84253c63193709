"""
Read what is said in scenes and how it is captioned: texts with their seconds, a file, a language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from storyreel.model.captions import MOST_COLUMNS_A_SECOND, CaptionFile, Captioning, Say, TimedLines
from storyreel.model.drawn import FontFile
from storyreel.model.line_breaks import COLUMNS, LINES, columns
from storyreel.model.shot import from_start
from storyreel.model.storyboard import CutItem, Scene
from storyreel.model.timeline import NOMINAL
from storyreel.model.updated import updated
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.cut import Cut
from storyreel.storyboard.files import Missing, short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.letters import Letters
from storyreel.storyboard.text.nodes import Trail

HERE: Trail = ("cut", "captions")
HAIR_S = 1e-6


class Captioned:
    """
    What is read of a storyboard's film: `scenes` are the scenes with what is said in them, `captions` how it is captioned.

    Args:
        scenes: All scenes, as they were read, and `trails` where each stands.
        cut: What the film shows.
        at: Where it is written how the film is captioned, if not in `cut`.
    """

    def __init__(
        self,
        findings: Findings,
        sheet: fields.Sheet,
        cast: Cast,
        letters: Letters,
        scenes: Sequence[Scene],
        trails: Mapping[str, Trail],
        cut: Cut,
        *,
        at: Trail = (),
    ) -> None:
        self._findings = findings
        self._cast = cast
        self._trails = trails
        self._at = at or HERE
        self._written = {scene.id: scene for scene in sheet.scenes}
        self.scenes = tuple(updated(scene, say=tuple(self._say(scene))) for scene in scenes)
        self._seconds = sum(cut.places[-1]) / float(NOMINAL) if cut.places else None
        self._letters = letters
        self.captions = self._captioning(sheet.cut.captions)
        self._judge_letters()
        if self.captions.file is None:
            items: dict[str, list[CutItem]] = {}
            for item in cut.items:
                items.setdefault(item.scene, []).append(item)
            for scene in self.scenes:
                self._remark(scene, items.get(scene.id, ()))

    # --- what scenes say ---------------------------------------------------------------------------------------------

    def _say(self, scene: Scene) -> Iterator[Say]:
        """Yield what is said in a scene. What cannot be is told."""
        written = self._written[scene.id].say
        trail: Trail = (*self._trails[scene.id], "say")
        if written is None:
            return
        if isinstance(written, str):
            if text := self._text(trail, written, scene):
                yield Say(text)
            return
        if not written and not self._findings.spoiled(trail):
            self._findings.tell("empty-list", trail, "the list of what is said is empty", "leave `say` out")
        length = scene.seconds
        before: tuple[float, float] | None = None
        for number, line in enumerate(written):
            here = (*trail, number)
            text = self._text((*here, "text"), line.text, scene)
            after = [other.at for other in written[number + 1 :] if other.at > line.at]
            end = line.at + line.duration if line.duration is not None else min([*after, length])
            if self._is_outside(here, line, end, scene):
                continue
            if before is not None and line.at < before[1] - HAIR_S:
                message = (
                    f"at is {line.at:g} s, and what is said before it lasts from {before[0]:g} s to {before[1]:g} s"
                )
                remedy = "list them in their order, and let each end before the next begins"
                self._findings.tell("captions-overlap", (*here, "at"), message, remedy)
            before = line.at, end
            if text:
                yield Say(text, line.at, min(end, length))

    def _text(self, trail: Trail, written: str, scene: Scene) -> str:
        text = self._findings.words(trail, written, self._cast.known(scene=scene.id), what="say")
        if text is not None and columns("".join(text.split())) == 0:
            self._findings.tell("empty-prompt", trail, "say is empty", "write what is said, or leave it out")
            return ""
        return text or ""

    def _is_outside(self, here: Trail, line: fields.Line, end: float, scene: Scene) -> bool:
        """Whether something is said when the clip has ended, which is told."""
        length = scene.seconds
        if length <= 0:
            return False  # its clip could not be read, which was told
        if line.at >= length:
            message = f"at is {line.at:g} s, and the clip of '{scene.id}' is {length:g} s long"
            self._findings.tell("caption-outside", (*here, "at"), message, "seconds count in the clip: begin earlier")
        elif end > length + HAIR_S:
            message = f"it is said from {line.at:g} s to {end:g} s, and the clip of '{scene.id}' is {length:g} s long"
            remedy = f"write duration: {length - line.at:g}, or begin earlier"
            self._findings.tell("caption-outside", (*here, "duration"), message, remedy)
        else:
            return False
        return True

    def _remark(self, scene: Scene, items: Sequence[CutItem]) -> None:
        """Remark on what no shot shows, and on what cannot be read without haste."""
        trail: Trail = (*self._trails[scene.id], "say")
        spans = [(*from_start(item.start, item.end, scene.seconds), float(item.speed)) for item in items]
        for number, say in enumerate(scene.say if spans else ()):
            if say.at is None or say.end is None:
                start, end, speed = spans[0]
                self._pace(trail, say, (end - start) / speed)
                continue
            here = (*trail, number)
            shown = next((span for span in spans if say.at < span[1] and say.end > span[0]), None)
            if shown is None:
                seen = " and ".join(f"{start:g} to {end:g} s" for start, end, _ in spans)
                message = f"it is said from {say.at:g} s to {say.end:g} s, and the film shows {seen} of the clip"
                self._findings.note("caption-left-out", here, f"{message}: it is left out")
            else:
                self._pace(here, say, (say.end - say.at) / shown[2])

    def _pace(self, here: Trail, say: Say, seconds: float) -> None:
        wide = columns(say.text)
        if seconds > 0 and wide / seconds > MOST_COLUMNS_A_SECOND + 0.5:
            message = f"{wide} letters in {seconds:.3g} s are {wide / seconds:.0f} a second; {MOST_COLUMNS_A_SECOND} can be read"
            self._findings.note("captions-too-fast", here, message, "say less, or show it longer")

    # --- how it is captioned -----------------------------------------------------------------------------------------

    def _captioning(self, written: fields.Captions | None) -> Captioning:
        if written is None:
            return Captioning()
        file = None if written.file is None else self._file((*HERE, "file"), written.file)
        language = "" if written.language is None else self._language((*HERE, "language"), written.language)
        there = written.file is not None or any(self._written[scene].say is not None for scene in self._written)
        if not there and (written.burn or written.language is not None):
            message = "there is nothing to caption: no scene has `say`, and no `file` is named"
            self._findings.note("nothing-to-caption", self._at, message)
        font = self._font(written)
        return Captioning(
            burn=written.burn and there, language=language, file=file, font=font if written.burn else None
        )

    def _font(self, written: fields.Captions) -> FontFile | None:
        """Return the font of captions in the picture; None for the package's own. One of captions that are not there is told."""
        here: Trail = (*HERE, "font")
        if written.font is None:
            return None
        if not written.burn:
            message = f"`font` is {short(written.font)}, and `burn` is false: a player has letters of its own"
            self._findings.tell("needless-key", here, message, "write burn: true, or take it away", key=True)
            return None
        return self._letters.font(here, written.font)

    def _judge_letters(self) -> None:
        """Tell captions that cannot be written into the picture."""
        how = self.captions
        if not how.burn or self._findings.spoiled(HERE):
            return
        written = [
            ((*self._trails[scene.id], "say"), say.text)
            for scene in self.scenes
            for say in (scene.say if how.file is None else ())
        ]
        if how.file is not None:
            written = [((*HERE, "file"), "\n".join(each.lines)) for each in how.file.captions]
        for trail, text in written:
            self._letters.judge_captions(trail, text, how.font)

    def _language(self, here: Trail, written: str) -> str:
        # It takes a thirtieth of a second to load.
        import langcodes

        tag = self._findings.words(here, written, self._cast.known(), what="language")
        if tag is None:
            return ""
        try:
            if langcodes.tag_is_valid(tag) and langcodes.Language.get(tag).to_alpha3() and "_" not in tag:
                return langcodes.standardize_tag(tag)
        except (ValueError, LookupError):
            pass
        message = f"language is '{short(tag)}', and that is none of BCP 47" if tag else "language is empty"
        self._findings.tell("wrong-language", here, message, _meant(tag))
        return ""

    def _file(self, here: Trail, written: str) -> CaptionFile | None:
        findings = self._findings
        name = findings.words(here, written, self._cast.known(), what="file")
        if name is None:
            return None
        try:
            file, remarks = findings.folder.captions(name)
        except Missing as missing:
            findings.tell(missing.code, here, missing.message, missing.remedy)
            return None
        for remark in remarks:
            findings.note("captions-changed", here, f"'{short(name)}' {remark}")
        self._remark_on_file(here, f"'{short(name)}'", file.captions)
        return file

    def _remark_on_file(self, here: Trail, called: str, captions: Sequence[TimedLines]) -> None:
        seconds = self._seconds
        late = [each for each in captions if seconds is not None and each.start >= seconds]
        if late and len(late) == len(captions):
            message = f"{called} has its first caption at {late[0].start:g} s, and the film is {seconds:.3g} s long"
            self._findings.tell("caption-outside", here, message, "seconds count from the film's beginning: shift them")
        elif late:
            many = "a caption" if len(late) == 1 else f"{len(late)} captions"
            message = f"{called} has {many} after the film's end, the first at {late[0].start:g} s; the film is {seconds:.3g} s long"
            self._findings.note("caption-left-out", here, f"{message}: what is later is left out")
        fast = [each for each in captions if _pace_of(each) > MOST_COLUMNS_A_SECOND + 0.5]
        if fast:
            fastest = max(fast, key=_pace_of)
            many = "a caption" if len(fast) == 1 else f"{len(fast)} captions"
            message = (
                f"{called} has {many} that cannot be read without haste, the fastest at {fastest.start:g} s: "
                f"{_pace_of(fastest):.0f} letters a second; {MOST_COLUMNS_A_SECOND} can be read"
            )
            self._findings.note("captions-too-fast", here, message)
        wide = [each for each in captions if len(each.lines) > LINES or max(map(columns, each.lines)) > COLUMNS]
        if wide:
            first = wide[0]
            widest = max(map(columns, first.lines))
            message = (
                f"{called} has {len(wide)} of {len(captions)} captions larger than {LINES} lines of {COLUMNS} letters, "
                f"the first at {first.start:g} s: {len(first.lines)} of up to {widest}"
            )
            self._findings.note("captions-too-large", here, message)


def _pace_of(caption: TimedLines) -> float:
    return sum(map(columns, caption.lines)) / (caption.end - caption.start)


def _meant(tag: str) -> str:
    """Return the tag that a language was most likely meant to have."""
    import langcodes

    words = tag.replace("_", "-")
    if words != tag and langcodes.tag_is_valid(words):
        return f"did you mean '{words}'?"
    name = _NAMES.get(tag.strip().lower())
    return f"did you mean '{name}'?" if name else "write it as in en, pt-BR or zh-Hant"


_NAMES = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "portuguese": "pt",
    "português": "pt",
    "italian": "it",
    "italiano": "it",
    "dutch": "nl",
    "polish": "pl",
    "russian": "ru",
    "ukrainian": "uk",
    "turkish": "tr",
    "greek": "el",
    "arabic": "ar",
    "hebrew": "he",
    "hindi": "hi",
    "chinese": "zh",
    "japanese": "ja",
    "korean": "ko",
    "jp": "ja",
    "cn": "zh",
    "kr": "ko",
    "br": "pt-BR",
}
"""What people write for a language, and its tag."""
