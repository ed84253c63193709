"""
Our flows by name: which there are, where they come from, and that nothing else is taken for one.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from storyreel.desk.flows import FLOWS, flow_file, load
from storyreel.errors import SettingsError

ROOT = Path(__file__).parents[2]


def test_every_flow_has_its_file():
    """
    What can be named stands in `flows/`, and all that stands there can be named.
    """
    assert {path.stem for path in (ROOT / "flows").glob("*.py")} == set(FLOWS)
    assert [ROOT / "flows" / f"{name}.py" for name in FLOWS] == [flow_file(name) for name in FLOWS]


@pytest.mark.parametrize("name", ["", "nobody", "../flows/sequence", "sequence.py", "/etc/passwd", "storyreel.cli"])
def test_only_ours_can_be_named(name: str):
    """
    A path, a module or a stranger's flow is no flow of ours, and is not looked for.
    """
    with pytest.raises(SettingsError, match="storyreel has sequence and dailies"):
        load(name)


def test_a_flow_is_loaded_from_no_folder_but_its_own(tmp_path: Path):
    """
    Files in the current folder that bear the name of a flow, or of what a flow imports, are not run, and the search path
    is the same afterwards.
    """
    for name in ("sequence", "dailies", "cython", "storyreel_flow_sequence"):
        (tmp_path / f"{name}.py").write_text(f"from pathlib import Path; Path({str(tmp_path)!r}, 'ran').touch()")
    words = """
import sys
before = list(sys.path)
from storyreel.desk.flows import FLOWS, load
print(*(load(name).name for name in FLOWS), before == sys.path)
"""
    told = subprocess.run(
        [sys.executable, "-P", "-c", words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "sequence dailies True") == (told.returncode, told.stdout.strip()), told.stderr
    assert not (tmp_path / "ran").exists()
