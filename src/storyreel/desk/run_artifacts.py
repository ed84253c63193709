"""
The artifacts of a run on Prefect's page: one of each kind, drawn anew where the run is begun again.

Prefect's page lists them in no order. Of a run that was retried, and had two of each, a person opened either.
"""

from __future__ import annotations

from uuid import UUID

from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.sorting import ArtifactSort
from prefect.runtime import flow_run


class RunArtifacts:
    """The artifacts that this run has drawn, now or when it was begun before."""

    def __init__(self) -> None:
        self._there: dict[str, UUID] | None = None

    async def draw(self, artifact: Artifact) -> UUID:
        """Draw an artifact in the place of the one that has its key, or beside the others; return its id."""
        async with get_client() as client:
            if self._there is None:
                self._there = {}
                if flow_run.run_count > 1:
                    ours = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(str(flow_run.id))]))
                    former = await client.read_artifacts(artifact_filter=ours, sort=ArtifactSort.CREATED_DESC)
                    self._there = {each.key: each.id for each in reversed(former) if each.key is not None}
            key = str(artifact.key)
            if (place := self._there.get(key)) is None:
                self._there[key] = (await artifact.acreate(client)).id
                return self._there[key]
            # Prefect's own way to do it sends all that is drawn once more, as an event.
            await client.request(
                "PATCH",
                "/artifacts/{id}",
                path_params={"id": place},
                json={"data": await artifact.aformat(), "description": artifact.description},
            )
            return place
