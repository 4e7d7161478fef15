"""Event files, metrics, spans and `status --watch`: a run as others see it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.commands import memories, run, start, write_lines

ENDED = {"loaded": 10.0, "held": 0.0, "exported": 10.0, "confirmed": 10.0, "exit_code": 0.0}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "memories.jsonl", memories(10))


def command(file: Path, work: Path) -> tuple[str | Path, ...]:
    return ("json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", work)


def test_events_are_lines_of_json_in_the_order_of_what_happens(tmp_path: Path, file: Path) -> None:
    events = tmp_path / "events.jsonl"
    done = run(*command(file, tmp_path / "work"), "--events", events)
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    kinds = [line["event"] for line in lines if line["event"] != "finding"]
    assert kinds[:3] == ["source", "destination", "job"]
    assert kinds[-2:] == ["progress", "end"]
    assert lines[-1]["books"]["loaded"] == 10
    assert all(line["at"].endswith("+00:00") for line in lines)


def test_a_second_run_appends_to_the_events_of_the_first(tmp_path: Path, file: Path) -> None:
    events = tmp_path / "events.jsonl"
    for _ in range(2):
        run(*command(file, tmp_path / "work"), "--events", events)
    kinds = [json.loads(line)["event"] for line in events.read_text().splitlines()]
    assert kinds.count("end") == 2


def test_events_are_for_their_owner_only(tmp_path: Path, file: Path) -> None:
    events = tmp_path / "events.jsonl"
    run(*command(file, tmp_path / "work"), "--events", events)
    assert events.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("option", ["--events", "--metrics"])
def test_a_place_that_cannot_be_written_is_named_before_the_run(
    tmp_path: Path, file: Path, option: str
) -> None:
    done = run(*command(file, tmp_path / "work"), option, tmp_path / "no" / "such" / "file")
    assert done.code == 2
    assert option in done.err


def test_a_full_disk_for_events_does_not_stop_the_import(tmp_path: Path, file: Path) -> None:
    done = run(*command(file, tmp_path / "work"), "--events", Path("/dev/full"), "--json")
    assert done.result["loaded"] == 10
    assert "is not written any more" in done.err


def test_metrics_are_what_prometheus_reads(tmp_path: Path, file: Path) -> None:
    metrics = tmp_path / "import.prom"
    run(*command(file, tmp_path / "work"), "--metrics", metrics)
    told = dict(re.findall(r"^synap_import_(\w+) (\S+)$", metrics.read_text(), re.MULTILINE))
    assert {name: float(told[name]) for name in ENDED} == ENDED


def test_status_watches_until_nobody_works_on_the_job(tmp_path: Path) -> None:
    work = tmp_path / "work"
    file = write_lines(tmp_path / "many.jsonl", memories(30_000))
    importing = start(*command(file, work), "--confirm", "none")
    try:
        while not list(work.glob("jobs/*/ledger.sqlite")):
            assert importing.poll() is None
        watched = run("status", "--watch", "--workdir", work, "--json")
    finally:
        importing.communicate(timeout=60)
    *while_running, at_the_end = [json.loads(line) for line in watched.out.splitlines()]
    assert watched.code == 0
    assert at_the_end["loaded"] == 30_000
    assert all(account["loaded"] <= 30_000 for account in while_running)


def test_spans_go_to_the_provider_that_the_program_set_up(tmp_path: Path, file: Path) -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from synap_import import run_import

    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    run_import("json", {"files": [str(file)]}, to="sandbox", workdir=tmp_path / "work")
    names = [span.name for span in spans.get_finished_spans()]
    assert set(names) == {"synap_import.page", "synap_import.batch", "synap_import.import"}
    whole = next(one for one in spans.get_finished_spans() if one.name == "synap_import.import")
    assert whole.attributes is not None
    assert whole.attributes["synap_import.source"] == "json"
