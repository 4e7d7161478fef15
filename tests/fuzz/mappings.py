"""Mappings with everything they can say, and objects that no mapping expects."""

from __future__ import annotations

from hypothesis import strategies as st

from synap_import.records import Kind, State

TEXTS = st.text(st.characters(exclude_categories=()), max_size=6)
NAMES = st.sampled_from(["a", "b", "memory", "t", "k.dot", ""]) | st.text(max_size=3)
ODD_TEXTS = st.sampled_from(
    ["\0", "\ud800", "\u202e", "2024-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31", "1e5", " "]
)
ODD_NUMBERS = st.sampled_from([2**70, -(2**63) - 1, 10**4000, 1e308, -0.0, 1.7e9, 253402300800])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | ODD_TEXTS | ODD_NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES | TEXTS, JSON, max_size=6)

PATHS = st.sampled_from(
    ["a", "b", "memory", "t", "a.b", "a[0]", "a[].b", "a[][]", '"k.dot"', '""', "."]
)
EXPRESSIONS = st.sampled_from(
    [
        "@",
        "a",
        "*",
        "a.*",
        "[a, b]",
        "{a: a, b: @}",
        "a[*].b",
        "a[?b > `1`]",
        "a[::-1]",
        "a[::0]",
        "a[99999999999999999999]",
        "length(a)",
        "keys(@)",
        "sort(a)",
        "sort_by(a, &b)",
        "max_by(a, &b)",
        "join(',', a)",
        "to_string(@)",
        "to_number(a)",
        "sum(a)",
        "avg(a)",
        "abs(b)",
        "floor(t)",
        "merge(a, b)",
        "map(&b, a)",
        "reverse(a)",
        "contains(a, b)",
        "starts_with(memory, a)",
        "type(a)",
        "a || b",
        "!a",
        "a == b",
        "not_null(a, b, memory)",
        "`null`",
        "`9999999999999999999999`",
        "&a",
        "a[].b[].a[]",
    ]
)
ORIGINS = st.one_of(
    PATHS.map(lambda path: {"path": path}),
    st.lists(PATHS, min_size=1, max_size=3).map(lambda paths: {"path": paths}),
    EXPRESSIONS.map(lambda expression: {"jmespath": expression}),
)


def spec(**more):
    """A field of a mapping with some of what it may say beside where the value comes from."""
    return st.builds(lambda origin, rest: {**origin, **rest}, ORIGINS, optional(**more))


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


REQUIRED = st.booleans()
TIME = spec(
    format=st.sampled_from(["auto", "iso", "epoch_s", "epoch_ns", "%d.%m.%y", "%G %V %u", "%j %Y"]),
    tz=st.sampled_from(["UTC", "Europe/Berlin", "-23:59", "Asia/Kathmandu"]),
)
MAPPINGS = st.builds(
    lambda content, rest: {"version": 1, "content": content, **rest},
    spec(strip=st.booleans(), required=REQUIRED) | spec(default=st.just("x")),
    optional(
        system=st.just("a.b"),
        id=spec(required=REQUIRED) | st.just({"hash": ["content", "created_at"]}),
        user=spec(required=REQUIRED) | st.sampled_from([{"const": 2**70}, {"const": "\0"}]),
        session=spec(default=st.just("s")),
        role=spec(),
        position=spec(default=st.just(-1)),
        created_at=TIME,
        updated_at=TIME,
        tags=spec(default=st.just(["t"])) | st.just({"const": ["a"]}),
        metadata=spec(drop=st.just(["a"]), flatten=st.booleans()) | st.just({"const": {"a": []}}),
        kind=spec(default=st.sampled_from([kind.value for kind in Kind])),
        state=spec(values=st.just({"x": State.EXPIRED.value})),
        skip_if=st.lists(spec(**{"in": st.just([None, True, 1, "x"])}).filter(lambda s: "in" in s)),
        unmapped=st.sampled_from(["keep", "drop", "error"]),
    ),
)
