"""
Our flows by name, from the files that came with the package.

A flow's file is imported by its path alone: no folder is put on the search path for it, and nothing that a deployment,
a storyboard's folder or the current folder holds is looked at.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from storyreel.errors import SettingsError

FLOWS = ("sequence", "dailies")
"""The flows there are; each is named as its file in `flows/`."""


def load(name: str) -> Any:
    """
    Return a flow. Prefect is imported here and nowhere sooner, with the settings that the environment then has.

    Raises:
        SettingsError: There is no such flow of ours.
    """
    if name not in FLOWS:
        raise SettingsError(f"there is no flow {name}; storyreel has {' and '.join(FLOWS)}")
    # A name of its own: whatever else is called `sequence` is never taken for it.
    module_name = f"storyreel_flow_{name}"
    if (loaded := sys.modules.get(module_name)) is not None:
        return getattr(loaded, name)
    spec = spec_from_file_location(module_name, flow_file(name))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Types in annotations are looked up by the module's name.
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return getattr(module, name)


def flow_file(name: str = "sequence") -> Path:
    """Return where a flow's file is: `flows/` of the checkout that storyreel runs from, else `flows/` in the wheel."""
    spec = find_spec("storyreel")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    checkout = package.parent.parent / "flows" / f"{name}.py"
    return checkout if checkout.exists() else package / "flows" / f"{name}.py"
