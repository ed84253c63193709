"""
What to make of answers about one take, asked again and again.

One answer alone is seldom a verdict: a 404 may come from a replica that lags, a finished take may lack its address for
a moment, a refused key may be a hiccup of the gateway. A `Watch` remembers what was said and since when. It asks
nothing and pauses nowhere.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from storyreel.errors import KeyRefused, TakeExpired, TakeFailed, TakeGone, TakeModerated
from storyreel.imagine.patience import Patience
from storyreel.imagine.readings import (
    Expired,
    Failed,
    Gone,
    Hiccup,
    PollAnswer,
    Unlisted,
    Withheld,
    WithoutAddress,
    WrongKey,
)
from storyreel.imagine.types import Finished, Progress
from storyreel.model.money import Charge
from storyreel.model.recipe import WITHOUT_URL

log = logging.getLogger("storyreel.imagine")

TIMES_GONE = 3  # answers "unknown id" in a row before we believe it
TIMES_SHOWN = 3  # answers in a row with the same address beside an unknown word before that word means done


@dataclass(frozen=True)
class Again:
    """Nothing was learned about the take. `why` says what came instead."""

    why: str


class Watch:
    """
    Judges the answers about one take.

    Args:
        request_id: The take.
        patience: How long answers about the key, and a take that is done without an address, are not believed.
        known: Words for a status that were logged already; shared by all watches of a client.
    """

    def __init__(self, request_id: str, patience: Patience, *, known: set[str]) -> None:
        self._request_id = request_id
        self._patience = patience
        self._known = known
        self._gone = 0
        self._key_refused_at: float | None = None
        self._without_url_at: float | None = None
        self._shown = ("", 0)
        self._erred, self._erred_at = 0, 0.0

    def judge(self, answer: PollAnswer) -> Finished | Progress | Again:
        """
        Return the finished take, how far it is, or that it has to be asked again.

        Raises:
            TakeFailed: The service gave up, or calls it done and has shown no address for a long while. The latter is
                no verdict: whoever asks later may be shown one.
            TakeModerated: Made and withheld.
            TakeExpired: Made, and no longer kept.
            TakeGone: The id was unknown several times in a row.
            KeyRefused: Every answer for a long while was about the key.
        """
        now = time.monotonic()
        if not isinstance(answer, Gone):
            self._gone = 0
        if not isinstance(answer, WrongKey):
            self._key_refused_at = None
        if not isinstance(answer, WithoutAddress | Hiccup | WrongKey | Gone):
            self._without_url_at = None
        if not isinstance(answer, Unlisted | Hiccup):
            self._shown, self._erred = ("", 0), 0
        match answer:
            case Finished() | Progress():
                return answer
            case Unlisted(status=status, percent=percent, shown=shown, failed=failed):
                if status not in self._known:
                    self._known.add(status)
                    log.warning("take %s has the status %r, which is new to us; waiting on", self._request_id, status)
                self._judge_erred(now, status, failed)
                return self._judge_shown(percent, shown) or Progress(percent)
            case Failed():
                raise self._failed(answer)
            case Withheld(words=words, ticks=ticks):
                raise TakeModerated(
                    f"take {self._request_id} was made and withheld by moderation, and is billed: {words}",
                    request_id=self._request_id,
                    words=words,
                    ticks=ticks,
                )
            case Expired():
                raise TakeExpired(
                    f"take {self._request_id} was made once, and the service no longer keeps it",
                    request_id=self._request_id,
                )
            case Gone(words=words):
                return self._judge_gone(words)
            case WithoutAddress(ticks=ticks):
                return self._judge_without_address(now, ticks)
            case WrongKey(words=words):
                return self._judge_key(now, words)
            case Hiccup(words=words):
                return Again(words)

    def _judge_gone(self, words: str) -> Again:
        self._gone += 1
        if self._gone < TIMES_GONE:
            return Again(words)
        raise TakeGone(
            f"the service does not know take {self._request_id} (now, or for this key): {words}; "
            "if it was made with another team's key, ask with that one",
            request_id=self._request_id,
        )

    def _failed(self, answer: Failed) -> TakeFailed:
        because = f" ({answer.code})" if answer.code else ""
        return TakeFailed(
            f"the service gave up on take {self._request_id}: {answer.words}{because}",
            request_id=self._request_id,
            code=answer.code,
            words=answer.words,
            ticks=answer.ticks,
        )

    def _judge_erred(self, now: float, word: str, failed: Failed | None) -> None:
        """
        Believe a word for failed that is not the service's, once it was said several times in a row and for a while, with an error
        beside it: a gateway says so too while it cannot ask the service, and the take may be made all the same.

        The end's code is that word, and not the error's: of some of those the same is bought again by itself.
        """
        if failed is None:
            self._erred = 0
            return
        self._erred += 1
        if self._erred == 1:
            self._erred_at = now
        if self._erred >= TIMES_SHOWN and now - self._erred_at >= self._patience.url_s:
            words = (
                f"{failed.words} ({failed.code})" if failed.code and failed.code not in failed.words else failed.words
            )
            raise self._failed(replace(failed, code=word, words=words))

    def _judge_shown(self, percent: int | None, shown: Finished | None) -> Finished | None:
        """Return a take whose address stands there unchanged, whatever the word beside it; None while it may change."""
        if shown is None or (percent is not None and percent < 100):
            self._shown = ("", 0)
            return None
        url, times = self._shown
        self._shown = (shown.url, times + 1 if shown.url == url else 1)
        return shown if self._shown[1] >= TIMES_SHOWN else None

    def _judge_without_address(self, now: float, ticks: Charge) -> Again:
        if self._without_url_at is None:
            self._without_url_at = now
        if now - self._without_url_at < self._patience.url_s:
            return Again("done, with no address to fetch it from")
        raise TakeFailed(
            f"the service calls take {self._request_id} done and has given no address for it in "
            f"{now - self._without_url_at:.0f} s; each run asks for it again; report the id to the service",
            request_id=self._request_id,
            code=WITHOUT_URL,
            ticks=ticks,
        )

    def _judge_key(self, now: float, words: str) -> Again:
        if self._key_refused_at is None:
            self._key_refused_at = now
        if now - self._key_refused_at < self._patience.key_s:
            return Again(words)
        raise KeyRefused(
            f"the service refuses the key while take {self._request_id} is waited for: {words}; "
            "set XAI_API_KEY and run again, the take is kept under its id",
            request_id=self._request_id,
        )
