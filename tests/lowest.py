"""
Print the lowest versions that pyproject.toml allows, as constraints for pip: `make test-lowest` installs by them.

What storyreel asks for stands at its lower bound. What it is only tested with has no bounds: it is no newer than in
constraints.txt, and older where it wants more than that. The rest is pip's to choose, as for whoever installs storyreel.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(?:[=>]=(?P<lowest>[0-9][\w.]*))?")


def lowest(project: Path = ROOT / "pyproject.toml", pins: Path = ROOT / "constraints.txt") -> list[str]:
    """
    Return a constraint for each package that pyproject.toml names.

    Raises:
        ValueError: storyreel asks for a package without a lower bound.
    """
    tables = tomllib.loads(project.read_text(encoding="utf-8"))
    extras = tables["project"].get("optional-dependencies", {}).values()
    bounds = dict(map(_bound, [*tables["project"]["dependencies"], *(line for extra in extras for line in extra)]))
    unbound = [name for name, version in bounds.items() if version is None]
    if unbound:
        raise ValueError(f"pyproject.toml has no lower bound for {', '.join(unbound)}")
    tested = dict(_bound(line) for line in pins.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    tools = [name for name, _ in map(_bound, tables["dependency-groups"]["dev"]) if name not in bounds]
    return [*(f"{name}=={version}" for name, version in bounds.items()), *(f"{name}<={tested[name]}" for name in tools)]


def _bound(requirement: str) -> tuple[str, str | None]:
    """Return the name of a package, as it is compared, and the lower bound or the pin that stands behind it."""
    match = REQUIREMENT.match(requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match["name"]).lower(), match["lowest"]


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lowest())
