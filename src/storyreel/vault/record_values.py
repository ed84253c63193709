"""
What stands in records: times, texts, amounts of money, requests. What is none of these is damage, found when it is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from storyreel.model.money import MOST_USD, TICKS_PER_USD


def right_now() -> datetime:
    """Return the time, by this machine's clock."""
    return datetime.now(UTC)


def _sound(text: object) -> object:
    # JSON may hold halves of characters, which no file can: a word of the service must not cost us its record.
    return text.encode(errors="replace").decode() if isinstance(text, str) else text


Words = Annotated[str, BeforeValidator(_sound)]
"""Text from outside, made fit to be written."""

Estimate = Annotated[int, Field(ge=0, le=1000 * round(MOST_USD) * TICKS_PER_USD)]
"""What a step is expected to cost, in ticks: so many of what has a price. A number that is no amount of money is damage."""


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("that time has no year in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time, by the clock of whoever has written it, in UTC: one that cannot be told in UTC is damage."""


def _request(recipe: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(recipe.get("operation", ""), str) or not isinstance(recipe.get("body", {}), dict):
        raise ValueError("that is no request: its operation is a word, and its body an object")
    return recipe


Request = Annotated[dict[str, Any], AfterValidator(_request)]
"""What was sent, as it was then: of a version that knew other requests too, so that only its frame is looked at."""
