"""Reads a mapping file; what is wrong with it is told with its line and column."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from synap_import.errors import MappingError

from .document import MappingDocument
from .problems import excerpt
from .yaml_nodes import MAX_BYTES, at, check_size, compose, locate, place, to_plain

if TYPE_CHECKING:
    import yaml
    from pydantic_core import ErrorDetails

MAX_PROBLEMS = 10

_REMEDY = "See docs/mapping.md for what a mapping file can say."


def load_mapping(path: Path) -> MappingDocument:
    """Read a mapping file. Raises MappingError when it cannot be used as it is."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MappingError(f"The mapping file {path} cannot be read: {error.strerror}.") from error
    check_size(len(content), str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not UTF-8 text (byte {error.start}).") from error
    return parse_mapping(text, str(path))


def parse_mapping(text: str, name: str) -> MappingDocument:
    """Read the text of a mapping file that messages call ``name``. Raises MappingError."""
    root = compose(text, name)
    plain = to_plain(root, name)
    if not isinstance(plain, dict):
        raise at(name, root.start_mark, "a mapping file starts with names such as 'version: 1'")
    try:
        return MappingDocument.model_validate(plain)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise _told(problems, root, name) from error


def _told(problems: list[ErrorDetails], root: yaml.Node, name: str) -> MappingError:
    # Under another version's grammar, nothing else that is found here means anything.
    foreign = [problem for problem in problems if problem["loc"] == ("version",)]
    # One line for each place: the members of a union complain about the same value each.
    lines: dict[str, str] = {}
    for problem in foreign or problems:
        about_key = problem["type"] == "extra_forbidden"
        path, mark = locate(root, problem["loc"], key=about_key)
        where = ".".join(map(str, path))
        lines.setdefault(place(name, mark), _ended(_sentence(problem, where)))
    told = [f"{at_place}: {sentence}" for at_place, sentence in lines.items()]
    if len(told) > MAX_PROBLEMS:
        told[MAX_PROBLEMS:] = [f"and {len(told) - MAX_PROBLEMS} more."]
    return MappingError("\n".join(told), remedy=_REMEDY)


def _sentence(problem: ErrorDetails, where: str) -> str:
    *parents, last = problem["loc"] or ("",)
    if problem["type"] == "extra_forbidden":
        return f"'{last}' is not known here{_nearest(str(last), _fields_at(parents))}"
    if problem["type"] == "missing":
        return f"'{last}' is missing" + (f" in {where}" if where else "")
    return f"{where}: {_complaint(problem)}{_path_hint(problem)}"


def _complaint(problem: ErrorDetails) -> str:
    """Pydantic's message, in the words of somebody who writes YAML."""
    given = excerpt(problem.get("input"))
    message = problem["msg"].removeprefix("Value error, ")
    match problem["type"]:
        case "value_error":
            return message
        case "too_short":
            return "the list is empty"
        case "tuple_type":
            wanted = "a list was expected"
        case "model_type" | "model_attributes_type":
            wanted = "a path, a list of paths or a mapping was expected"
        case "string_pattern_mismatch":
            wanted = "only letters, digits, '.' and '-' make a name"
        case _:
            wanted = message[:1].lower() + message[1:]
    return f"{wanted}, not {given}"


def _path_hint(problem: ErrorDetails) -> str:
    if problem["type"] == "enum" and problem["loc"][-1] == "const":
        return f"; to read it from a field, write {{path: {problem['input']}}}"
    return ""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known are {', '.join(known)}" if known else ""


def _fields_at(parents: list[int | str]) -> list[str]:
    model: type[BaseModel] = MappingDocument
    for part in parents:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
