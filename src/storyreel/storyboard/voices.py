"""
The voices that a scene is spoken with: whose they are, and by which ids they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from storyreel.did_you_mean import did_you_mean, nearest
from storyreel.model.recipe import clean
from storyreel.storyboard import fields
from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.limits import Look
from storyreel.storyboard.text.nodes import Trail

TAG = "voice"
"""What a template writes before the name of a voice."""


class Voices:
    """Reads `voices` of scenes, with the cast of a storyboard."""

    def __init__(self, findings: Findings, sheet: fields.Sheet) -> None:
        self._findings = findings
        self._cast = sheet.cast
        self._judge_variable(sheet)

    def spoken(self, trail: Trail, scene: fields.Scene, look: Look) -> Mapping[str, str]:
        """Return the ids of a scene's voices by the names under which they are written, in the order in which they are sent."""
        here: Trail = (*trail, "voices")
        findings = self._findings
        if scene.voices is None:
            return {}
        if not scene.voices and not findings.spoiled(here):
            remedy = "name someone of the cast, or a voice, or leave it out"
            findings.tell("empty-list", here, "the list of voices is empty", remedy)
        voices: dict[str, str] = {}
        for at, name in enumerate(scene.voices):
            voice = self._id((*here, at), name)
            if name in voices:
                findings.tell("repeated-name", (*here, at), f"'{name}' is among these voices twice", "name each once")
            elif (other := next((one for one, sent in voices.items() if sent == voice), None)) is not None:
                message = f"'{name}' and '{other}' are one voice here, {voice}, and it would be sent twice"
                remedy = f"name it once: {{{{ voice.{other} }}}} writes its tag for both"
                if self._cast.keys() >= {name, other}:
                    remedy += ", or give one of them another voice in the cast"
                findings.tell("repeated-name", (*here, at), message, remedy)
            voices[name] = voice
        model = look.offers
        if model is not None and "voices" in model.modes and len(scene.voices) > model.max_voices:
            message = f"{len(scene.voices)} voices are in this scene; {model.name} takes {model.max_voices}"
            remedy = f"leave {len(scene.voices) - model.max_voices} out, or make two scenes of it"
            findings.tell("too-many-voices", here, message, remedy, key=True)
        return voices

    def _id(self, here: Trail, name: str) -> str:
        """Return the id that a name stands for: of a member of the cast, else itself."""
        member = self._cast.get(name)
        if member is None:
            return self._voice(here, name, named=self._cast)
        self._findings.cast_used.add(name)
        if member.voice is None:
            if not self._findings.spoiled(("cast", name)):
                line = self._findings.line(("cast", name))
                also = " (a preset voice of that name is not meant while somebody in the cast has it)"
                message = (
                    f"'{name}' has no voice ({line}){also if name.lower() in self._findings.catalog.voices else ''}"
                )
                remedy = f"give it one in the cast: voice: {self._findings.catalog.voices[0]}, or name a voice here"
                self._findings.tell("member-without-voice", here, message, remedy)
            return name
        return self._voice(("cast", name, "voice"), member.voice)

    def _voice(self, here: Trail, written: str, named: Mapping[str, object] | None = None) -> str:
        """Return the id of a voice as it is sent; one that looks like a slip of the pen is told."""
        presets = self._findings.catalog.voices
        if written.lower() in presets:
            return written.lower()  # case does not matter to the service, so it is no other request
        known = [*(named or ()), *presets]
        if "{{" in written or "{%" in written:
            remedy = "write the id itself; a voice for each variant goes into the cast under a name of its own"
            self._findings.tell(
                "unknown-voice", here, f"a voice is no template, and this is '{short(written)}'", remedy
            )
        elif written.isalpha() and nearest(written, known) is not None:
            whose = "nobody in the cast and no preset voice" if named is not None else "no preset voice"
            message = f"{whose} is called '{short(written)}'"
            remedy = f"{did_you_mean(written, known)}  (presets: {', '.join(presets)})"
            self._findings.tell_once("unknown-voice", here, message, remedy)
        else:
            self._findings.note(
                "own-voice",
                here,
                f"'{short(written)}' is no preset voice: it is sent as the id of a voice of your team's own",
            )
        return clean(written)

    def _judge_variable(self, sheet: fields.Sheet) -> None:
        """Tell a variable of the name under which templates know voices, where scenes have some."""
        speaks = next((at for at, scene in enumerate(sheet.scenes) if scene.voices), None)
        if TAG in sheet.vars and speaks is not None:
            line = self._findings.line(("scenes", speaks, "voices"))
            message = (
                f"'{TAG}' is a variable, and there are `voices` ({line}), which templates call {{{{ {TAG}.name }}}}"
            )
            self._findings.tell("reserved-name", ("vars", TAG), message, "give the variable another name", key=True)
