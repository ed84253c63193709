"""
A run in a process of its own: what it takes from the server, and what not.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from prefect._internal.result_records import ResultRecord, ResultRecordMetadata
from prefect.client.schemas.objects import State, StateType
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.serializers import CompressedSerializer, JSONSerializer, PickleSerializer

from storyreel.desk.flows import load
from storyreel.desk.run import read_plain_results_alone
from storyreel.model.recipe import Clip


class Trap:
    """Leaves a mark when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a run's process does before it runs."""
    for kind in (CompressedSerializer, JSONSerializer, PickleSerializer):
        monkeypatch.setattr(kind, "loads", kind.loads)
    read_plain_results_alone()


READERS: dict[str, Any] = {
    "pickle": PickleSerializer(),
    "packed pickle": CompressedSerializer(serializer=PickleSerializer()),
    "decoder": JSONSerializer(object_decoder="subprocess.Popen"),
}


def planted(tmp_path: Path, how: str) -> ResultRecordMetadata:
    """Put a result into somebody's file, and return what a state of a run says of it."""
    told = ResultRecordMetadata(storage_key=str(tmp_path / "result"), serializer=READERS[how])
    # A list of a dictionary's keys is a command.
    inside: Any = {"touch": 1, str(tmp_path / "mark"): 2} if how == "decoder" else Trap(tmp_path / "mark")
    record: ResultRecord[Any] = ResultRecord(result=inside, metadata=told)
    (tmp_path / "result").write_bytes(record.serialize())
    return told


@pytest.mark.parametrize("how", ["pickle", "packed pickle"])
async def test_the_trap_itself_works(tmp_path: Path, how: str):
    """
    Prefect reads it, and runs what is in it.
    """
    ended: State[Any] = State(type=StateType.COMPLETED, data=planted(tmp_path, how))
    await ended.aresult(retry_result_failure=False)

    assert (tmp_path / "mark").exists()


@pytest.mark.usefixtures("careful")
@pytest.mark.parametrize("how", READERS)
async def test_a_result_that_a_state_names_runs_nothing(tmp_path: Path, how: str):
    """
    Whoever may write to the server may end a run with a result of theirs, before it has begun.
    """
    ended: State[Any] = State(type=StateType.COMPLETED, data=planted(tmp_path, how))
    with pytest.raises(PermissionError, match="is not read here"):
        await ended.aresult(retry_result_failure=False)

    assert not (tmp_path / "mark").exists()


@pytest.mark.usefixtures("careful")
@pytest.mark.parametrize("how", READERS)
async def test_a_storage_of_somebody_elses_runs_nothing(tmp_path: Path, how: str):
    """
    A server names a default storage for results, and a cached take is looked for there.
    """
    planted(tmp_path, how)
    store = ResultStore(result_storage=LocalFileSystem(basepath=str(tmp_path)))
    with pytest.raises(PermissionError, match="is not read here"):
        await store.aread("result")

    assert not (tmp_path / "mark").exists()


@pytest.mark.usefixtures("careful")
async def test_a_cached_take_is_read(tmp_path: Path):
    """
    What our own flow keeps is plain JSON.
    """
    load("sequence")
    clip = Clip(request_id="one", sha256="e" * 64, frames=48)
    store = ResultStore(result_storage=LocalFileSystem(basepath=str(tmp_path)), serializer=JSONSerializer())
    await store.awrite(clip, "sandbox-one")

    assert clip == (await store.aread("sandbox-one")).result
