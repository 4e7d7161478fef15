from __future__ import annotations

import pytest

from synap_import.errors import MappingError
from synap_import.mapping import MappingDocument, load_mapping, parse_mapping

HEAD = "version: 1\ncontent: memory\n"


def refusal(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "acme.yaml")
    return caught.value.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("usr: x", "line 3, column 1: 'usr' is not known here; did you mean 'user'?"),
        (
            "created_at: {path: x, formt: iso}",
            "line 3, column 23: 'formt' is not known here; did you mean 'format'?",
        ),
        (
            "skip_if: [{path: s, in: [a], inn: 1}]",
            "line 3, column 30: 'inn' is not known here; did you mean 'in'?",
        ),
        ("state: {path: s, zzz: 1}", "line 3, column 18: 'zzz' is not known here; known are path"),
        ("<<: {user: x}", "line 3, column 1: '<<' is not known here"),
    ],
)
def test_an_unknown_key_is_told_with_its_place_and_the_nearest_known_one(line, message):
    assert f"acme.yaml, {message}" in refusal(HEAD + line)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        ("user: a..b", 7, "user: the path 'a..b' cannot be read at character 2"),
        ("user: [a, 'b[-1]']", 11, "negative indexes are not known"),
        ("user: 5", 7, "a path, a list of paths or a mapping was expected, not 5"),
        ("user: {path: a, const: b}", 7, "exactly one of 'path', 'const', 'jmespath'"),
        ("user: {}", 7, "exactly one of"),
        ("user: {path: []}", 14, "the list is empty"),
        ("user: {path: a, default: ' '}", 26, "it is blank"),
        ("user: {path: a, required: true, default: x}", 7, "cannot have a default"),
        ("user: {path: a, required: yes}", 27, "valid boolean, not 'yes'"),
        ("user: {const: true}", 15, "valid string, not True"),
        ("user: {jmespath: 'a['}", 18, "the expression cannot be read"),
        ("id: {hash: [user]}", 12, "'content' must be a part"),
        ("id: {hash: [content, time]}", 22, "'user', 'content' or 'created_at', not 'time'"),
        ("id: {const: x}", 6, "'const' is not known here"),
        ("created_at: {path: x, format: epoch}", 31, "did you mean 'epoch_s'"),
        ("created_at: {path: x, tz: Europe/Berln}", 27, "did you mean 'Europe/Berlin'"),
        ("created_at: {path: x, default: soon}", 13, "'soon' cannot be read as a time"),
        ("kind: memory", 7, "'fact', 'message',"),
        ("state: status", 8, "write {path: status}"),
        ("state: {path: s, values: {a: actve}}", 30, "not 'actve'"),
        ("tags: {const: a}", 15, "a list was expected, not 'a'"),
        ("records: 'a[].b'", 10, "without '[…]'"),
        ("system: acme_corp", 9, "only letters, digits, '.' and '-'"),
        ("unmapped: kep", 11, "'keep', 'drop' or 'error', not 'kep'"),
        ("skip_if: [{path: s}]", 11, "'in' is missing in skip_if.0"),
        ("content: twice", 1, "'content' stands here a second time"),
        ("user: [a", 9, "flow sequence"),
        ("user: &x a", 7, "anchors and aliases are not allowed"),
        ("user: *x", 7, "anchors and aliases are not allowed"),
        ("user: !!python/name:os.system x", 7, "is not allowed here"),
        ("user: !!bool maybe", 7, "is not allowed here"),
        ("user: !!int x", 7, "'x' is not a number"),
        ("user: !own [x]", 7, "the tag !own is not allowed here"),
        ("user: !own x", 7, "the tag !own is not allowed here"),
        ("? [a]\n: b", 3, "a key must be a word"),
        ("user: " + "[" * 40, 26, "nested deeper than 20 levels"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_column(line, column, problem):
    message = refusal(HEAD + line)

    assert message.startswith("acme.yaml, line ")
    assert f", column {column}: " in message
    assert problem in message


def test_all_that_is_wrong_is_told_at_once():
    assert refusal(HEAD + "usr: x\nunmapped: kep").count("\n") == 1


def test_a_long_list_of_problems_is_cut_short():
    assert refusal(HEAD + "".join(f"wrong{n}: x\n" for n in range(30))).endswith("and 20 more.")


@pytest.mark.parametrize("version", ["2", "'1'", "true", "1.0", "0", "null"])
def test_another_version_is_the_only_thing_told(version):
    message = refusal(f"version: {version}\nnew_key: x\n")

    assert "line 1, column 10" in message
    assert "this synap-import reads version 1" in message
    assert "new_key" not in message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("- a", "line 1, column 1: a mapping file starts with"),
        ("content: memory", "line 1, column 1: 'version' is missing"),
        ("version: 1", "'content' is missing"),
        ("version: 1\n---\nversion: 1", "found another document"),
        ("a: \x01", "not YAML"),
        ("#" * 300_000, "larger than 256 KB"),
    ],
)
def test_what_is_no_mapping_file_is_refused(text, problem):
    assert problem in refusal(text)


def test_an_alias_bomb_is_refused_before_it_grows():
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*a, *a]\n" for n in "bcdefgh")

    assert "anchors and aliases" in refusal(bomb)


def test_an_expression_of_more_than_2_kb_is_refused():
    long = " || ".join(["memory"] * 300)

    assert "longer than 2048 bytes" in refusal(f"version: 1\ncontent: {{jmespath: '{long}'}}")


def test_the_yaml_of_the_file_has_no_surprises():
    document = parse_mapping(
        HEAD + "user: no\ncreated_at: {path: on, tz: +12:00, default: 2026-01-15}\n"
        "state: {path: yes, values: {yes: active, true: deleted, 1: expired}}\n",
        "acme.yaml",
    )

    assert document.user.path == ("no",)
    assert (document.created_at.path, document.created_at.tz) == (("on",), "+12:00")
    assert document.created_at.default == "2026-01-15"
    assert list(document.state.values) == ["yes", "true", "1"]


def test_an_empty_field_is_as_good_as_none():
    assert parse_mapping(HEAD + "user:\n", "acme.yaml").user is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", None),
        ("records: .", ()),
        ("records: memories", ("memories",)),
        ('records: data."a.b"', ("data", "a.b")),
    ],
)
def test_the_document_says_where_the_records_are(line, names):
    assert parse_mapping(HEAD + line, "acme.yaml").record_names() == names


def test_a_file_is_read(tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())

    assert load_mapping(file) == parse_mapping(HEAD, "x")


def test_an_error_in_a_file_names_the_file(tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text(HEAD + "usr: x")

    with pytest.raises(MappingError, match=r"acme\.yaml, line 3, column 1"):
        load_mapping(file)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\xff" * 300_000])
def test_a_file_that_cannot_be_read_is_told(tmp_path, content):
    file = tmp_path / "acme.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(MappingError, match=r"cannot be read|not UTF-8|larger than"):
        load_mapping(file)


def test_the_json_schema_knows_the_short_forms():
    schema = MappingDocument.model_json_schema()
    user, kind, skip = (schema["$defs"][name] for name in ("ScopeSpec", "KindSpec", "SkipRule"))

    assert [form.get("type") for form in user["anyOf"]] == ["string", "array", "object"]
    assert kind["anyOf"][0]["$ref"] == "#/$defs/Kind"
    assert skip["required"] == ["in"]
    assert schema["required"] == ["version", "content"]


def test_a_document_can_be_made_without_yaml():
    document = MappingDocument.model_validate({"version": 1, "content": "memory"})

    assert document == parse_mapping(HEAD, "x")
