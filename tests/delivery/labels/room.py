"""
A vault with clips as the real service makes them, and the films of boards that show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storyreel.catalog import load_catalog
from storyreel.delivery.assemble import find_film
from storyreel.delivery.film import Film, cut_film, film_there
from storyreel.delivery.places import FilmFiles, files_of
from storyreel.media import measure
from storyreel.media.sound_files import measure_sound
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip, ServiceName
from storyreel.planning.steps import plan
from storyreel.storyboard import load
from storyreel.vault import Vault

TOP = 'title: Tram\ndefaults: {aspect_ratio: "1:1", resolution: 480p, duration: 1}\n'
BOARD = f"{TOP}scenes: [{{id: stop, prompt: A tram stops.}}]\n"


@dataclass(frozen=True)
class Room:
    """Where boards are read, and what they are shot with: the clip of each of their steps is the same."""

    folder: Path
    vault: Vault
    clip: Clip
    service: ServiceName = "xai"

    def plan(self, text: str = BOARD) -> Plan:
        catalog = load_catalog()
        board = load(
            self.folder / "tram.yaml", catalog=catalog, measure=measure, measure_sound=measure_sound, text=text
        )
        return plan(board, catalog)

    def files(self, plan: Plan, at: int = 0) -> FilmFiles:
        return files_of(self.folder / "out", plan.films[at].board, self.service)

    def clips(self, plan: Plan) -> Mapping[str, Clip]:
        return {step.id: self.clip for step in plan.steps}

    async def film(self, plan: Plan, at: int = 0) -> Film:
        files = self.files(plan, at)
        return await cut_film(plan, plan.films[at], self.service, self.clips(plan), self.vault, files, lambda _: None)

    async def there(self, plan: Plan) -> Film | None:
        return await film_there(plan, plan.films[0], self.service, self.clips(plan), self.vault, self.files(plan))

    async def as_cut(self, plan: Plan, at: int = 0) -> Path:
        """Return the film as it was cut, which says nothing of itself."""
        sources = {step: clip.sha256 for step, clip in self.clips(plan).items()}
        there = await find_film(plan.films[at].timeline.identity(sources), self.vault)
        assert there is not None
        return there[0]
