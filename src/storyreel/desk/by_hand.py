"""
A run that a person begins at the command line: what it is called by on Prefect's page, and where it is to be seen there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from prefect import Flow, State, tags
from prefect.client.schemas.objects import FlowRun
from prefect.utilities.urls import url_for


def by_hand(
    flow: Flow[..., Coroutine[Any, Any, None]], of: Collection[str], begun: Callable[[str | None], None]
) -> Callable[..., Coroutine[Any, Any, None]]:
    """
    Return a flow whose runs have tags, and say where they are to be seen as soon as they have begun.

    Args:
        flow: What is run.
        of: The tags.
        begun: Told the run's address on Prefect's page; None where the server has no page that anybody knows of.
    """

    def tell(flow: Any, flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - as Prefect calls it
        begun(url_for("flow-run", flow_run.id))

    tagged = flow.with_options(on_running=[*flow.on_running_hooks, tell])
    # Prefect loads all of FastAPI to write down what may be anything; what a person types at a terminal is plain.
    encoded = tagged.serialize_parameters

    def plain(parameters: dict[str, Any]) -> dict[str, Any]:
        return dict(parameters) if all(map(_is_plain, parameters.values())) else encoded(parameters)

    tagged.serialize_parameters = plain  # type: ignore[method-assign]

    async def run(**parameters: Any) -> None:
        with tags(*of):
            await tagged(**parameters)

    return run


def _is_plain(value: Any) -> bool:
    """Whether a value is JSON as it stands."""
    if type(value) is list:
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(type(key) is str and _is_plain(each) for key, each in value.items())
    return value is None or type(value) in (str, int, float, bool)
