"""A Config becomes options, and options become a Config."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import click
from click.testing import CliRunner
from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting
from synap_import.cli.config_options import options_of, read_config


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Config(BaseModel):
    files: Annotated[tuple[str, ...], Setting(argument=True)] = ()
    api_key: Annotated[SecretStr | None, Setting(env="ACME_API_KEY")] = None
    page_size: int = Field(100, ge=1, le=500, description="Records per page.")
    colour: Colour = Colour.RED
    form: Literal["cloud", "own"] = "cloud"
    deleted: bool = Field(False, description="Read deleted ones too.")
    mapping: Path | None = None
    tags: tuple[str, ...] = ()


def run(*arguments: str, **environment: str) -> tuple[Config | None, str]:
    seen: list[Config] = []

    def callback(**given: Any) -> None:
        seen.append(read_config(Config, given))

    command = click.Command("acme", params=options_of(Config), callback=callback)
    result = CliRunner().invoke(command, list(arguments), env=environment)
    return (seen[0] if seen else None), result.output


def test_defaults_are_the_configs_own() -> None:
    assert run()[0] == Config()


def test_options_have_the_types_of_their_fields() -> None:
    config, _ = run(
        *("a.json", "b.json", "--page-size", "7", "--colour", "blue", "--form", "own"),
        *("--deleted", "--mapping", "m.yaml", "--tags", "x", "--tags", "y"),
    )
    assert config == Config(
        files=("a.json", "b.json"),
        page_size=7,
        colour=Colour.BLUE,
        form="own",
        deleted=True,
        mapping=Path("m.yaml"),
        tags=("x", "y"),
    )


def test_a_field_can_come_from_the_environment() -> None:
    config, _ = run(ACME_API_KEY="s3cret")
    assert config is not None
    assert config.api_key is not None
    assert config.api_key.get_secret_value() == "s3cret"


def test_a_wrong_value_names_its_option() -> None:
    config, output = run("--page-size", "9999")
    assert config is None
    assert "--page-size" in output
    assert "500" in output


def test_a_wrong_value_is_not_repeated() -> None:
    _, output = run("--page-size", "s3cret")
    assert "s3cret" not in output


def test_help_shows_defaults_and_variables_but_no_secret() -> None:
    _, output = run("--help", ACME_API_KEY="s3cret")
    assert "Records per page." in output
    assert "[default: 100]" in output
    assert "ACME_API_KEY" in output
    assert "s3cret" not in output


def test_a_required_field_says_so() -> None:
    class Needs(BaseModel):
        url: Annotated[str, Setting(env="ACME_URL")]

    command = click.Command(
        "acme", params=options_of(Needs), callback=lambda **given: read_config(Needs, given)
    )
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 2
    assert "--url (ACME_URL)" in result.output
