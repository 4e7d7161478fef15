"""What a transform may do to a page, and what it may not."""

from __future__ import annotations

import pytest

from support.sources import record
from synap_import import Page, Partition, Run, Scope, TransformDeclaration
from synap_import.errors import PluginError
from synap_import.hooks.transforming import Step, Transforms
from synap_import.plugins import InstalledHook


def transforms(change, version: str = "1") -> Transforms:
    declaration = TransformDeclaration("acme", "Acme", version, "nowhere:nothing")
    return Transforms((Step(InstalledHook(declaration, "synap-import-acme", "1.2"), change),))


def updating(**changes):
    return lambda records: [one.model_copy(update=changes) for one in records]


@pytest.mark.parametrize(
    "changes",
    [{"text": "x"}, {"metadata": {"a": 1}}, {"tags": ("a",)}, {"assumptions": ("a",)}],
)
def test_text_metadata_tags_and_assumptions_may_change(changes) -> None:
    page = transforms(updating(**changes)).page(Page([record(1)], None))
    assert page.records == [record(1, **changes)]


def test_a_record_may_be_held_and_is_not_let_go() -> None:
    held = transforms(updating(hold="acme-private")).page(Page([record(1)], None))
    assert held.records[0].hold == "acme-private"
    with pytest.raises(PluginError, match="took the hold from record 1"):
        transforms(updating(hold=None)).page(Page([record(1, hold="of-the-source")], None))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "2"},
        {"system": "other"},
        {"scope": Scope(user="eve")},
        {"created_at": None},
        {"raw": {"a": 1}},
    ],
)
def test_what_a_record_is_and_whose_does_not_change(changes) -> None:
    with pytest.raises(PluginError, match=f"changed the {next(iter(changes))} of record 1"):
        transforms(updating(**changes)).page(Page([record(1)], None))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda records: records[1:], "made 1 records of 2"),
        (lambda records: [*records, records[0]], "made 3 records of 2"),
        (reversed, "changed the id of record 1"),
        (lambda records: ["text", "text"], "made str of a record"),
        (lambda records: None, "TypeError"),
        (lambda records: 1 / 0, "ZeroDivisionError in test_hooks_transforming.py, line"),
    ],
)
def test_a_transform_that_does_anything_else_is_named(change, said: str) -> None:
    with pytest.raises(PluginError, match=said) as caught:
        transforms(change).page(Page([record(1), record(2)], None))
    assert "transform 'acme' of synap-import-acme 1.2" in caught.value.message


def test_what_an_error_says_is_not_told_for_it_may_be_what_a_memory_says() -> None:
    def fail(records):
        raise ValueError(records[0].text)

    with pytest.raises(PluginError) as caught:
        transforms(fail).page(Page([record(1, text="my PIN is 0815")], None))
    assert "0815" not in str(caught.value)


def test_it_is_called_once_per_page() -> None:
    calls = []
    transforms(lambda records: calls.append(len(records)) or records).page(
        Page([record(n) for n in range(300)], None)
    )
    assert calls == [300]


def test_a_page_that_was_left_out_because_it_is_known_is_not_transformed() -> None:
    page = transforms(lambda records: 1 / 0).page(Page([], "2", runs=[Run("abc", None)]))
    assert page.cursor == "2"


def test_with_another_version_nothing_that_was_read_counts_as_known() -> None:
    one, two = transforms(list), transforms(list, version="2")
    partition, page = Partition("a", "a", "7"), Page([record(1)], None, runs=[Run("abc", 1)])
    assert one.partition(partition).version != two.partition(partition).version
    assert one.page(page).runs != two.page(page).runs


def test_a_source_asks_for_its_own_digests() -> None:
    [run] = transforms(list).page(Page([], None, runs=[Run("abc", None)])).runs

    class Known:
        def knows(self, digest: str) -> bool:
            return digest == run.digest

    assert transforms(list).exported(Known()).knows("abc")
    assert not transforms(list, version="2").exported(Known()).knows("abc")
