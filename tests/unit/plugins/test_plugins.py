"""Plugins are found, and a broken one does not take the tool down."""

from __future__ import annotations

from pathlib import Path

from support.commands import run
from support.plugin_sites import install
from synap_import.plugins import discover


def declaring(name: str, implementation: str = "nowhere:Nothing") -> str:
    return (
        "from synap_import import SourceDeclaration, hookimpl\n"
        "@hookimpl\n"
        "def synap_import_sources():\n"
        f"    return [SourceDeclaration({name!r}, 'Acme', {implementation!r})]\n"
    )


def test_an_installed_plugin_is_found_with_its_origin(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring("acme"))
    source = discover().sources["acme"]
    assert (source.distribution, source.version) == ("synap-import-acme", "1.2")


def test_a_plugin_that_cannot_be_imported_is_named_and_the_others_work(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", "import no_such_module")
    plugins = discover()
    assert "json" in plugins.sources
    (broken,) = plugins.broken
    assert broken.distribution == "synap-import-acme"
    assert "no_such_module" in broken.reason


def test_a_misspelt_hook_is_named(site: Path) -> None:
    code = declaring("acme").replace("synap_import_sources", "synap_import_sauces")
    install(site, "synap-import-acme", "acme_plugin", code)
    (broken,) = discover().broken
    assert "synap_import_sauces" in broken.reason


def test_two_plugins_with_one_source_name_are_an_error_that_names_both(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring("acme"))
    install(site, "synap-import-other", "other_plugin", declaring("acme"))
    plugins = discover()
    assert "acme" not in plugins.sources
    (conflict,) = plugins.conflicts
    assert set(conflict.distributions) == {"synap-import-acme", "synap-import-other"}
    done = run("acme")
    assert done.code == 2
    assert "synap-import-acme" in done.err
    assert "synap-import-other" in done.err


def test_help_works_beside_a_broken_plugin(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", "raise RuntimeError('old version')")
    done = run("--help")
    assert done.code == 0
    assert "synap-import-acme cannot be used" in done.out


def test_the_command_of_a_broken_plugin_says_why(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", "raise RuntimeError('old version')")
    done = run("acme")
    assert done.code == 2
    assert "old version" in done.err


def test_an_adapter_that_cannot_be_imported_is_named_when_its_command_runs(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring("acme"))
    done = run("acme")
    assert done.code == 2
    assert "nowhere" in done.err
    assert "synap-import-acme" in done.err


def test_sources_lists_plugin_and_version(site: Path) -> None:
    install(site, "synap-import-acme", "acme_plugin", declaring("acme"))
    done = run("sources")
    assert "synap-import-acme 1.2" in done.out
    assert "synap-import-json" in done.out
