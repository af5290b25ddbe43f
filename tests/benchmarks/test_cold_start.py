from __future__ import annotations

import json
import os

import jsonschema
import pytest

from benchmarks import cold_start, environment

SCHEMA = json.loads(
    (environment.ROOT / "benchmarks" / "cold_start.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4")
def test_whole_processes_are_timed_and_recorded(tmp_path, capsys):
    record = cold_start.run(runs=1, output=tmp_path)
    jsonschema.validate(json.loads((tmp_path / "cold-start.json").read_text()), SCHEMA)
    times = {stage["name"]: stage["runs"][0]["cpu"] for stage in record["stages"]}
    assert len(times) == 7 and all(seconds > 0 for seconds in times.values())
    table = capsys.readouterr().out
    assert all(stage["name"] in table for stage in record["stages"])


def test_a_failing_process_stops_the_run_with_its_message(tmp_path):
    with pytest.raises(RuntimeError, match="no such command or so"):
        cold_start._process(("-c", "raise SystemExit('no such command or so')"), tmp_path)
