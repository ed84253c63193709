"""
A board's page as data: all that it shows, in the order in which it shows it. Who fills it in is `production`.

Texts are as their authors wrote them: the template escapes them. Addresses are relative to the page; pictures are JPEG, as `data:` addresses.
"""

from __future__ import annotations

from typing import Literal

from storyreel.model.marks import Mark
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.vault.records import State

Condition = Literal["current", "stale", "new", "waits", "failed", "unknown", "left out"]
"""
How a step stands: current: there, as the board has it now. stale: it was there and would be bought anew. new: never bought. waits: for a
person, or for the service. failed: a run would only fail again. unknown: sent, and its answer was lost. left out: it cannot be made yet.
"""
WORST_FIRST: tuple[Condition, ...] = ("failed", "unknown", "waits", "stale", "new", "left out", "current")
"""In which order a scene takes the condition of one of its steps."""


class Frame(Frozen):
    """One picture of a film's contact strip: what is shown from `start` on, in seconds of the film."""

    scene: str
    start: float
    end: float
    picture: str
    placeholder: str = ""
    """Of a rough cut: why there is no clip; empty where one is shown."""


class ShownFilm(Frozen):
    """
    A film of the board: the master, a delivery, a rough cut, or a version of before. `media` is None where a browser plays none of it,
    as with ProRes; `file` is where it is then.
    """

    name: str
    label: str
    media: str | None
    file: str
    poster: str
    seconds: float
    fps: float
    size: tuple[int, int]
    cut_at: str
    frames: tuple[Frame, ...]
    captions: str = ""
    """Its captions as a `data:` address; empty where it has none."""
    language: str = ""
    notes: tuple[str, ...] = ()

    @property
    def facts(self) -> str:
        """What is known of it in a few words."""
        return f"{self.seconds:g} s · {self.size[0]} × {self.size[1]} · {self.fps:g} fps · cut {self.cut_at}"


class ShownMark(Frozen):
    """What was seen to be wrong with a take, in words, and when."""

    mark: Mark
    words: str


class ShownTake(Frozen):
    """One take of a step. `prompt` is what was sent for it; empty where that is what would be sent now."""

    number: int
    state: State
    used: bool
    films: tuple[str, ...]
    at: str
    seconds: float | None
    charge: str
    request_id: str
    prompt: str
    why: str
    media: str | None
    picture: str
    marks: tuple[ShownMark, ...]
    pin: str
    """The line of a storyboard that chooses it; empty where it has no clip."""
    pin_command: str

    @property
    def name(self) -> str:
        """What it is called: `t02`, as in the name of its file."""
        return f"t{self.number:02d}"


class ShownPiece(Frozen):
    """Words of two texts that were compared: in both, only in the former (`out`), or only in the latter (`in`)."""

    kind: Literal["both", "out", "in"]
    text: str


class ShownChange(Frozen):
    """One field that differs from what was last sent, piece by piece; `note` says what both values do not."""

    field: str
    pieces: tuple[ShownPiece, ...]
    note: str


class ShownStep(Frozen):
    """One step: what is sent for it now, how it stands and why, and its takes side by side."""

    id: str
    kind: str
    condition: Condition
    why: str
    changes: tuple[ShownChange, ...]
    prompt: str
    model: str
    seconds: float
    price: str
    takes: tuple[ShownTake, ...]
    redo_command: str
    waits_for_approval: bool
    made_from: tuple[str, ...] = ()
    """Its pictures, clips and voices: `last_frame: door.png (ad2c6c6d)`."""

    @property
    def is_still(self) -> bool:
        """Whether a picture comes back."""
        return self.kind == "still"

    @property
    def prompt_change(self) -> ShownChange | None:
        """How its prompt differs from what was last sent; None where it does not."""
        return next((change for change in self.changes if change.field == "prompt" and not change.note), None)

    @property
    def other_changes(self) -> tuple[ShownChange, ...]:
        """What else differs in itself. That it follows another step, its reason says."""
        return tuple(change for change in self.changes if change != self.prompt_change and not change.note)

    @property
    def reason(self) -> str:
        """Why it stands so, where the changes that are shown beside do not say it."""
        return self.why if not self.changes or any(change.note for change in self.changes) else ""

    @property
    def marked(self) -> bool:
        """Whether the take that is used has marks."""
        return any(take.marks for take in self.takes if take.used)


class ShownScene(Frozen):
    """
    A scene, or a member of the cast. `starts` are the seconds of the first film at which it is shown; `kind` says what it is where nothing
    is shot for it: own footage, a card, a picture.
    """

    id: str
    number: int | None
    """Its place among the scenes, from 1; None for a member of the cast."""
    kind: str
    seconds: float
    starts: tuple[float, ...]
    picture: str
    note: str
    steps: tuple[ShownStep, ...]
    charged: str
    to_buy: str
    takes: int

    @property
    def condition(self) -> Condition:
        """The worst of its steps'; current where it has none."""
        return min((step.condition for step in self.steps), key=WORST_FIRST.index, default="current")

    @property
    def marked(self) -> bool:
        """Whether a take that is used has marks."""
        return any(step.marked for step in self.steps)

    @property
    def waits(self) -> bool:
        """Whether something of it waits for a person or for the service."""
        return any(step.condition == "waits" or step.waits_for_approval for step in self.steps)

    @property
    def stale(self) -> bool:
        """Whether something of it would be bought anew."""
        return any(step.condition == "stale" for step in self.steps)

    @property
    def facts(self) -> str:
        """What is known of it in a few words."""
        facts = [f"{self.seconds:g} s"] if self.seconds else []
        facts += [f"{self.takes} take{'' if self.takes == 1 else 's'}"] if self.takes else []
        facts += [f"{self.charged} charged"] if self.charged else []
        facts += [f"{self.to_buy} to buy"] if self.to_buy else []
        return " · ".join(facts)

    @property
    def words(self) -> str:
        """What it is looked for by."""
        return " ".join([self.id, self.note, *(f"{step.id} {step.prompt}" for step in self.steps)]).casefold()


class ShownLook(Frozen):
    """
    One thing that a person is to approve; `key` names it to the desk. `verdict` is the last word on it, `words` says whose, `seen` how many
    words on it the page shows, so that nobody overrules one that they have not seen.
    """

    step: str
    key: str
    picture: str
    media: str | None
    is_still: bool
    verdict: Literal["", "approved", "rejected"]
    words: str
    seen: int
    approve_command: str
    reject_command: str
    redo_command: str


class Waiting(Frozen):
    """What waits for a person: what it is, what follows an approval, and the command that gives it for all of it, where one can."""

    words: str
    follows: str
    command: str
    looks: tuple[ShownLook, ...]


class CostLine(Frozen):
    """What one scene, or one member of the cast, came to; amounts in words."""

    name: str
    takes: int
    charged: str
    estimated: str
    to_buy: str


class BoardPage(Frozen):
    """A board's page. `served` says that a server shows it, `writable` that this is a desk's, which takes notes and approvals."""

    title: str
    slug: str
    board: str
    service: ServiceName
    drawn_at: str
    films: tuple[ShownFilm, ...]
    no_film: str
    """Why there is no film; empty where there is one."""
    waiting: Waiting | None
    scenes: tuple[ShownScene, ...]
    costs: tuple[CostLine, ...]
    total: CostLine
    shoot_command: str
    notes: tuple[str, ...]
    """Remarks on the board, and on the run that it would be."""
    reviews: str = "[]"
    """The notes that people have written at a second of a film, as JSON."""
    served: bool = False
    writable: bool = False

    @property
    def rehearsal(self) -> bool:
        """Whether nothing of it was billed."""
        return self.service == "sandbox"

    def count(self, what: str) -> int:
        """Return how many scenes have something that stands so: `waits`, `stale`, `marked`."""
        return sum(bool(getattr(scene, what)) for scene in self.scenes)
