"""Pictures say what the facts say, and are well-formed whatever is written in them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.report_jobs import Told, facts_of, samples, told
from synap_import.records import Scope
from synap_import.report.charts.bars import bar
from synap_import.report.charts.flow import flow_chart, leaves
from synap_import.report.charts.marks import SIZES, Size, ticks
from synap_import.report.charts.pace import pace_chart
from synap_import.report.charts.timeline import timeline_chart
from synap_import.report.facts import Outcomes
from synap_import.report.runs import stretches

BOTH = pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
EVIL = "</svg><script>alert(1)</script>&\"'<!--"


@given(st.floats(0.001, 1e9))
def test_ticks_are_few_round_and_reach_the_largest_value(most: float) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert marks[-1] >= most * 0.999
    assert 2 <= len(marks) <= 11


@given(st.integers(1, 10_000))
def test_whole_things_are_counted_in_whole_steps(most: int) -> None:
    assert all(float(mark).is_integer() for mark in ticks(most))


def evil() -> list[Told]:
    scope = Scope(user=EVIL)
    return [told(0, scope=scope), told(1, "held", EVIL), told(2, "rejected", EVIL)]


@BOTH
def test_hostile_reasons_are_words_in_the_flow(tmp_path: Path, size: Size) -> None:
    drawn = flow_chart(facts_of(tmp_path, *evil()), size)
    tree = ET.fromstring(drawn)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} == {
        *("svg", "g", "rect", "path", "text", "tspan", "title"),
    }
    assert EVIL in " ".join(tree.itertext()) or EVIL[:20] in " ".join(tree.itertext())


@BOTH
def test_pictures_have_names_and_no_styles_of_their_own(tmp_path: Path, size: Size) -> None:
    facts = facts_of(tmp_path, *evil(), samples=samples(5))
    for drawn in (
        flow_chart(facts, size),
        timeline_chart(facts.timeline, size),
        pace_chart(stretches(facts.moments), size),
    ):
        tree = ET.fromstring(drawn)
        assert tree.get("role") == "img"
        assert tree.get("aria-label")
        assert not any("style" in element.attrib for element in tree.iter())


def test_the_ends_of_the_flow_add_up_to_what_was_exported(tmp_path: Path) -> None:
    records = [told(n, "held", f"reason {n % 9}") for n in range(40)]
    facts = facts_of(tmp_path, *records, told(40), told(41, "already there"))
    ends = leaves(facts)
    assert sum(leaf.count for leaf in ends) == facts.account.exported
    assert [leaf.name for leaf in ends][-1] == "5 other reasons"


def test_every_end_of_a_flow_has_room_for_its_label(tmp_path: Path) -> None:
    few = [told(n, "rejected", f"reason {n}") for n in range(3)]
    many = [told(n) for n in range(3, 900)]
    tree = ET.fromstring(flow_chart(facts_of(tmp_path, *few, *many), SIZES[0]))
    labels = [e for e in tree.iter() if e.tag.endswith("text") and float(e.get("x", "0")) > 600]
    places = sorted(float(label.get("y", "0")) for label in labels)
    assert len(places) == 4
    assert all(b - a >= 18 for a, b in pairwise(places))


def test_a_bar_has_a_part_for_each_outcome_that_occurs() -> None:
    tree = ET.fromstring(bar(Outcomes(loaded=90, held=9, rejected=1), most=100))
    widths = {e.get("class"): float(e.get("width", "0")) for e in tree if e.get("class")}
    assert widths == {"loaded": 900, "held": 90, "rejected": 10}
