"""
What can go wrong, as one tree. The exit code of the command line tells the stage.

StoryreelError
+-- StoryboardError          the file is wrong; has .problems, each a Diagnostic            exit 2
+-- SettingsError            a flag, a variable or a catalogue of the user's is wrong        exit 2
+-- MachineError             a disk, a folder, the memory: what this machine says            exit 2
+-- NetworkError             nobody on the network answered as they should                    exit 3
+-- ImagineError             the service; has .request_id as soon as there is one            exit 3
|   +-- KeyRefused           the service does not take the key; nothing was sent after it
|   +-- ServiceUnreachable   nobody answered; nothing was sent
|   +-- SubmitRefused        it did not take the request; has .status, nothing was paid
|   |   +-- SubmitPaced      refused for now (429): come back later
|   +-- TakeFailed           the service gave up on a take; has .code
|   +-- TakeModerated        made and withheld; it is billed
|   +-- TakeExpired          made, and no longer kept by the service
|   +-- TakeGone             the service does not know the id (now, or for this key)
|   +-- DownloadFailed       the clip is made and could not be fetched whole
|   +-- WaitedTooLong        patience ran out; the take may still finish
|   +-- SubmitUnknown        sent, no answer kept: perhaps paid, never sent again by itself  exit 7
|       +-- SubmitNamed      answered with no success and an id: to be asked for
+-- MediaError               ffmpeg; has .command and the last lines it said                 exit 4
|   +-- WrongMedia           what a person gave is no picture or clip that can be used
+-- VaultError               the vault cannot be read or written                             exit 5
|   +-- RecordDamaged        a record cannot be read, or contradicts those beside it; has .files
|   +-- ClipMissing          a record names a clip that the vault does not have
|   +-- VaultClosed          the vault has moved; has .moved_to
+-- BudgetError              the next step would pass the budget                             exit 6
+-- AwaitingApproval         a person has to approve what is made, before anything follows   exit 8
|   +-- NotApproved          a person has looked, and said no
+-- CrashedTooOften          taken up again after crash upon crash, and left alone now       exit 1
+-- NotReached               a step was not tried, because one that it continues failed      exit 3
|   +-- LeftOut              --only does not allow it to be bought
|   +-- HeldBack             it waits for an approval, and what was to be approved was not made
|   +-- Braked               nothing more was sent, because the service answers nobody well
+-- SequenceFailed           a run's summary: which steps failed and why; the gravest code of its parts
+-- Unforeseen               a defect: nobody foresaw it; has .log, where the rest of it is   exit 70
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyreel.diagnostics.diagnostic import Diagnostic


class StoryreelError(Exception):
    """Whatever storyreel itself raises. `exit_code` is what the command line ends with."""

    exit_code = 1


MOST_TOLD = 5
"""How many problems of a storyboard are told in one line."""


class StoryboardError(StoryreelError):
    """
    The storyboard is wrong. All problems at once, in the order of the file.

    Its text is one line, since it becomes the state message on Prefect's page.
    """

    exit_code = 2

    def __init__(self, problems: Sequence[Diagnostic]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.place))
        lines = [f"{p.place}: {p.sentence}" for p in self.problems[:MOST_TOLD]]
        if len(self.problems) > MOST_TOLD:
            lines.append(f"and {len(self.problems) - MOST_TOLD} more, which `storyreel check` shows")
        super().__init__(" / ".join(" ".join(text.split()) for text in lines))


class SettingsError(StoryreelError):
    """A flag, an environment variable or the user's own catalogue is wrong."""

    exit_code = 2


class SettingsFileError(SettingsError):
    """
    A file of settings is wrong. All that is wrong at once, each with its place; the text is one line, as of a storyboard's.

    Args:
        lines: What is wrong, in the order of the file.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines[:MOST_TOLD])
        if len(lines) > MOST_TOLD:
            self.lines += (f"and {len(lines) - MOST_TOLD} more",)
        super().__init__(" / ".join(self.lines))


class MachineError(StoryreelError):
    """What this machine says, where nobody nearer knew what it was for: a full disk, a folder that may not be written."""

    exit_code = 2


class NetworkError(StoryreelError):
    """Somebody on the network did not answer as they should, and nobody nearer knew what it was for."""

    exit_code = 3


class ImagineError(StoryreelError):
    """Something between us and the service. `request_id` is there as soon as the service gave one."""

    exit_code = 3

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class KeyRefused(ImagineError):
    """The service does not take the key."""


class ServiceUnreachable(ImagineError):
    """Nobody answered, and nothing was sent."""


class SubmitRefused(ImagineError):
    """The service did not take the request: it was not accepted and is not charged."""

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class SubmitPaced(SubmitRefused):
    """Refused for now (429, or nobody listening): the same request may be sent later. `after_s` if it was told."""

    def __init__(
        self, message: str, *, status: int | None = None, code: str | None = None, after_s: float | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.after_s = after_s


class NoRetention(SubmitRefused):
    """The service keeps no clips for this team (zero data retention): it wants to be told where to put them."""


class TakeFailed(ImagineError):
    """
    The service gave up on a take.

    `code` is its own word (`internal_error`, ...), `words` is what it said beside, `ticks` the charge as it told it.
    """

    def __init__(
        self,
        message: str,
        *,
        request_id: str | None = None,
        code: str | None = None,
        words: str = "",
        ticks: int | str | None = None,
    ) -> None:
        super().__init__(message, request_id=request_id)
        self.code = code
        self.words = words
        self.ticks = ticks


class TakeModerated(ImagineError):
    """Made and withheld by the service's moderation, with `words`. It is billed: `ticks` as the service told it."""

    def __init__(
        self, message: str, *, request_id: str | None = None, words: str = "", ticks: int | str | None = None
    ) -> None:
        super().__init__(message, request_id=request_id)
        self.words = words
        self.ticks = ticks


class TakeExpired(ImagineError):
    """Made once, and the service no longer keeps it."""


class TakeGone(ImagineError):
    """The service does not know this id - or not for this key. Never recorded as an end."""


class DownloadFailed(ImagineError):
    """The take is finished, and its file could not be fetched whole. It is fetched again by id on the next run."""


class WaitedTooLong(ImagineError):
    """Patience ran out. The take may still finish: the same id is waited for again by the next run."""


class SubmitUnknown(ImagineError):
    """
    A request was sent and no answer was kept. It may have been billed, so it is never sent again by itself.

    `why` is what came instead of an answer, as the end of a sentence.
    """

    exit_code = 7

    def __init__(self, message: str, *, request_id: str | None = None, why: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.why = why or message


class SubmitNamed(SubmitUnknown):
    """
    A request was answered with no success, and with a `request_id`: whether it was taken, a question for that id tells.

    `status`, `code` and `words` are the answer's. `refusal` is what it means where the service does not know the id;
    None where nobody knows even then.
    """

    def __init__(
        self,
        message: str,
        *,
        request_id: str,
        status: int,
        code: str | None,
        words: str,
        refusal: ImagineError | None,
        why: str = "",
    ) -> None:
        super().__init__(message, request_id=request_id, why=why)
        self.status = status
        self.code = code
        self.words = words
        self.refusal = refusal


class MediaError(StoryreelError):
    """ffmpeg, or a file it was given. `command` is what was run, `tail` the last lines it said."""

    exit_code = 4

    def __init__(self, message: str, *, command: Sequence[str] = (), tail: str = "") -> None:
        super().__init__(message)
        self.command = tuple(command)
        self.tail = tail

    def of(self, what: str) -> MediaError:
        """Return the same error with a name in front of it: ffmpeg does not know what it is given."""
        return MediaError(f"{what}: {self}", command=self.command, tail=self.tail)


class WrongMedia(MediaError):
    """
    A file that a person gave is no picture and no clip that can be used.

    `what` it is instead, as the rest of a sentence that begins with its name; `remedy` is what to do, if anybody knows.
    """

    def __init__(self, name: str, what: str, remedy: str = "") -> None:
        super().__init__(f"{name} {what}" + (f"; {remedy}" if remedy else ""))
        self.what = what
        self.remedy = remedy


class VaultError(StoryreelError):
    """The vault cannot be read or written. Nothing is sent while that is so."""

    exit_code = 5


class RecordDamaged(VaultError):
    """
    Records that cannot be read, or contradict each other. What they say may have cost money, so they are never absent.

    `files` are where they lie.
    """

    def __init__(self, message: str, files: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.files = tuple(files)


class ClipMissing(VaultError):
    """A record names a clip that the vault does not have."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"the vault has no clip {sha256[:12]}")
        self.sha256 = sha256


class VaultClosed(VaultError):
    """The vault has moved `moved_to` another place. Nothing was sent, and nothing is written here any more."""

    def __init__(self, message: str, moved_to: str) -> None:
        super().__init__(message)
        self.moved_to = moved_to


class BudgetError(StoryreelError):
    """The next step would pass the budget. It was not sent."""

    exit_code = 6


class CrashedTooOften(StoryreelError):
    """A run was taken up again after crash upon crash, and is left alone until a person has looked at it."""


class AwaitingApproval(StoryreelError):
    """The storyboard wants a person's approval of what is made so far. Nothing that follows was sent."""

    exit_code = 8


class NotApproved(AwaitingApproval):
    """A person has looked at what is made so far, and said no. Nothing that follows was sent."""


class NotReached(StoryreelError):
    """A step was not tried, because one that it continues has no clip."""

    exit_code = 3

    def __init__(self, step: str, because: str, text: str = "") -> None:
        super().__init__(text or f"{step} was not reached: {because} has no clip")
        self.step = step
        self.because = because


class LeftOut(NotReached):
    """A step has no clip, and `only` does not allow it to be bought."""

    def __init__(self, step: str) -> None:
        super().__init__(step, step, f"{step} has no clip, and is not among the scenes that may be bought (only)")


class HeldBack(NotReached):
    """A step was not tried, because it waits for an approval, and what was to be approved was not made."""

    def __init__(self, step: str, because: str) -> None:
        text = f"{step} was not reached: it waits for an approval of the stills, and {because} has no clip"
        super().__init__(step, because, text)


class Braked(NotReached):
    """A step was not sent: three others in a row had met what is wrong with the service, the key or the account."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(step, because=step)
        self.args = (f"{step} was not sent, since three in a row went wrong before it: {why}",)
        self.why = why


class SequenceFailed(StoryreelError):
    """
    The summary of a run in which something failed: a head, and a line for each step that failed.

    Its text is one line, since it becomes the state message on Prefect's page. Its exit code is the gravest of its parts: a defect, then
    what may have been billed and is known to nobody, then the highest of the others.
    """

    def __init__(self, head: str, lines: Sequence[str], causes: Sequence[BaseException]) -> None:
        super().__init__(" / ".join([head, *lines]))
        self.head = head
        self.lines = tuple(lines)
        self.causes = tuple(causes)
        failed = [cause for cause in causes if not isinstance(cause, NotReached)]
        codes = [c.exit_code if isinstance(c, StoryreelError) else Unforeseen.exit_code for c in failed]
        self.exit_code = max(
            codes, key=lambda code: (code == Unforeseen.exit_code, code == SubmitUnknown.exit_code, code), default=3
        )


class Unforeseen(StoryreelError):
    """A defect of storyreel's: something that nobody foresaw. `log` has the rest, if it could be written down."""

    exit_code = 70

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log
