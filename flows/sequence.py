"""
The flow that makes one film from one storyboard.

Prefect schedules, shows and reruns; what may be paid for is decided by the vault alone, so that no fault of a cache, no
retry and no second process can buy a clip twice. One chain of tasks a scene, chains side by side.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.runtime import flow_run
from prefect.tasks import exponential_backoff

from storyreel.errors import DownloadFailed, NotReached, ServiceUnreachable, WaitedTooLong
from storyreel.reel import Step
from storyreel.slate import Clip, Slate
from storyreel.studio.opening import open_studio
from storyreel.studio.studio import Studio
from storyreel.studio.summary import raise_for, record

_studio: ContextVar[Studio] = ContextVar("storyreel_studio")


@task(task_run_name="{scene}/{step} buy", cache_policy=NO_CACHE, persist_result=False, retries=0)
async def buy(scene: str, step: str, sources: list[Clip]) -> Slate:
    """Send one request, once. It is in the graph only where money may move."""
    return await _studio.get().buy(scene, step, sources)


def by_request_id(context: Any, parameters: dict[str, Any]) -> str:  # noqa: ARG001 - Prefect passes both
    """Name a take for Prefect's cache: who made it, and its request id. Pure, since it runs in the event loop."""
    slate: Slate = parameters["slate"]
    return slate.key


def is_transient(task: Any, task_run: Any, state: Any) -> bool:  # noqa: ARG001 - Prefect passes all three
    """Say whether fetching a take may go better next time; buying is never repeated here."""
    return isinstance(state.data, DownloadFailed | ServiceUnreachable | WaitedTooLong)


@task(
    task_run_name="{scene}/{step}",
    cache_policy=CacheKeyFnPolicy(cache_key_fn=by_request_id),
    persist_result=True,
    result_serializer="json",
    retries=3,
    retry_delay_seconds=exponential_backoff(5),
    retry_condition_fn=is_transient,
)
async def collect(scene: str, step: str, slate: Slate, sources: list[Clip]) -> Clip:  # noqa: ARG001 - for the graph
    """Wait for one take and bring its clip into the vault."""
    return await _studio.get().collect(f"{scene}/{step}", slate)


@task(task_run_name="film", cache_policy=NO_CACHE, persist_result=False)
async def film(clips: list[Clip]) -> None:  # noqa: ARG001 - for the edges in the graph
    """Cut the film from the clips of the scenes; where nothing changed, nothing is encoded."""
    await _studio.get().cut()


# A retry is a person's word, and may buy what a run failed on: no setting of Prefect may speak it.
@flow(name="sequence", persist_result=False, retries=0)
async def sequence(
    storyboard: str,
    only: list[str] | None = None,
    redo: list[str] | None = None,
    budget: float | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
) -> None:
    """
    Make the film of one storyboard. What is in the vault is reused; only what is missing is bought.

    Args:
        storyboard: Path of the storyboard's YAML file, as the worker sees it.
        only: Scenes that may be bought, by id, with what they continue. Empty: all of them.
        redo: Steps to make again, such as `climb` or `climb/extend-2`. What continues them follows.
        budget: US dollars that this run may spend. Empty: the storyboard's budget, else 10.
        vault: Address of the vault. Empty: STORYREEL_VAULT of the worker.
        out: Folder for the film. Empty: STORYREEL_OUT of the worker.
        sandbox: Rehearse with the sandbox: nothing is generated, nothing is billed.
    """
    async with open_studio(
        storyboard,
        run=str(flow_run.id),
        only=only or (),
        redo=redo or (),
        budget=budget,
        vault=vault,
        out=out,
        sandbox=sandbox,
    ) as studio:
        _studio.set(studio)
        shots: dict[str, asyncio.Task[Clip]] = {}

        async def shoot(step: Step) -> Clip:
            sources = await arrived(step, shots)
            slate = await studio.recall(step, sources)
            async with studio.slot():
                slate = slate or await buy(step.scene, step.name, sources)
                fetch = collect.with_options(refresh_cache=slate.clip_missing)
                return await fetch(step.scene, step.name, slate, sources)

        for step in studio.plan.steps:
            shots[step.id] = asyncio.create_task(shoot(step), name=step.id)
        # One failed scene cancels no other: all of them come to their own end before anything is said.
        ended = await asyncio.gather(*shots.values(), return_exceptions=True)
        ends = dict(zip(shots, ended, strict=True))
        await record(studio, ends)
        clips = raise_for(studio, ends)
        if clips is not None:
            await film(clips)


async def arrived(step: Step, shots: dict[str, asyncio.Task[Clip]]) -> list[Clip]:
    """Wait for the clips that a step is made from; if one has none, this step is not reached."""
    clips = []
    for need in step.needs:
        try:
            clips.append(await asyncio.shield(shots[need]))
        except Exception as error:
            raise NotReached(step.id, because=need) from error
    return clips
