from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from support.sources import record
from synap_import.errors import UserMapError
from synap_import.identity import (
    SourceOwner,
    Target,
    UserMap,
    Verdict,
    apply_isolation_rule,
    load_user_map,
    user_map_findings,
    write_user_map,
)
from synap_import.identity.patterns import PARTS, Pattern
from synap_import.identity.user_map import Table
from synap_import.planning import Hold, PlanRules, decide, moved_owners
from synap_import.records import Scope, ScopeKind
from synap_import.sources import Severity

USER, GROUP = ScopeKind.USER, ScopeKind.GROUP
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "user-map.md"
HEADER = "source_id,user_id,customer_id,scope,action\n"


@pytest.fixture
def tags(user_map_of):
    """Reads rows about container tags, each ``source_id,user_id,customer_id[,action]``."""

    def read(*rows):
        cells = [(*row.split(","), "")[:4] for row in rows]
        return user_map_of(HEADER + "".join("{},{},{},group,{}\n".format(*row) for row in cells))

    return read


@pytest.fixture
def complaint(user_map_of):
    def about(row):
        with pytest.raises(UserMapError) as caught:
            user_map_of(HEADER + row + "\n")
        return str(caught.value)

    return about


@pytest.mark.parametrize(
    ("source_id", "parts"),
    [
        ("user_ada", {"user": "ada"}),
        ("user_a:b_c", {"user": "a:b_c"}),
        ("user_\n\ud800", {"user": "\n\ud800"}),
        ("user_", None),
        ("User_ada", None),
        (" user_ada", None),
        ("ada", None),
        ("", None),
    ],
)
def test_a_part_at_the_end_takes_all_that_is_left(source_id, parts):
    assert Pattern.of("user_{user}").match(source_id) == parts


@pytest.mark.parametrize(
    ("pattern", "source_id", "parts"),
    [
        ("{user}.{project}", "ada.project-7", {"user": "ada", "project": "project-7"}),
        ("{user}.{project}", "ada.a.b", {"user": "ada", "project": "a.b"}),
        ("{user}.{project}", ".a.b", None),
        ("{user}.{project}", "ada.", None),
        ("{user}::{rest}", "a:b:::c", {"user": "a:b", "rest": ":c"}),
        ("{user}aa{rest}", "xaaa", {"user": "x", "rest": "a"}),
        ("{rest}/user/{user}", "eu/1/user/ada", {"rest": "eu/1", "user": "ada"}),
        ("{rest}:{user}", "eu:1:ada", {"rest": "eu", "user": "1:ada"}),
    ],
)
def test_a_part_ends_where_the_literal_behind_it_first_occurs(pattern, source_id, parts):
    assert Pattern.of(pattern).match(source_id) == parts


@pytest.mark.parametrize(
    ("source_id", "parts"),
    [("ada@x", {"user": "ada"}), ("a@x@x", None), ("ada@x ", None), ("@x", None), ("ada", None)],
)
def test_a_literal_at_the_end_must_end_the_id_where_it_first_occurs(source_id, parts):
    assert Pattern.of("{user}@x").match(source_id) == parts


def test_a_pattern_gives_user_and_customer(tags):
    users = tags("org:{customer}:user:{user}:{rest},{user},{customer}")

    assert users.resolve((GROUP, "org:acme:user:ada:x:y")) == Target("ada", "acme")
    assert users.resolve((GROUP, "org:acme:user:ada")) is Verdict.UNMAPPED
    assert users.resolve((USER, "org:acme:user:ada:x")) is Verdict.UNMAPPED


def test_the_example_of_the_documentation_does_what_its_table_says(user_map_of):
    section = DOCUMENTATION.read_text("utf-8").split("## Patterns\n")[1].split("\n## ")[0]
    rows = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    users = user_map_of("\n".join(rows))
    told = re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)

    assert {tag: users.resolve((GROUP, tag)) for tag in told} == {
        "user_bob": Target("robert", None),
        "user_ada": Target("ada", None),
        "org:acme:user:ada": Target("ada", "acme"),
        "org:acme:user:ada:project:7": Target("ada", "acme"),
        "ada.project-7": Target("ada", None),
        "sm_project_default": Verdict.SKIPPED,
    }
    assert [finding.severity for finding in user_map_findings(users)] == [Severity.INFO]


def test_parts_and_the_source_id_stand_anywhere_in_an_id(tags):
    users = tags("{agent}/{project},{project}-{agent}-{agent},c-{source_id}")

    assert users.resolve((GROUP, "bot/7")) == Target("7-bot-bot", "c-bot/7")


def test_the_exact_row_comes_first_then_the_patterns_in_order_then_the_asterisk(tags):
    users = tags("*,rest,", "user_{user}_{project},two,", "user_{user},{user},", "user_bob,robert,")

    assert users.resolve((GROUP, "user_bob")) == Target("robert", None)
    assert users.resolve((GROUP, "user_ada_7")) == Target("two", None)
    assert users.resolve((GROUP, "user_ada")) == Target("ada", None)
    assert users.resolve((GROUP, "ada")) == Target("rest", None)


def test_patterns_skip_and_widen_as_other_rows_do(tags):
    users = tags(
        "test-{rest},,,skip",
        "org:{customer},,{customer},customer-scope",
        "public-{rest},,,client-scope",
        "later-{user},,",
    )

    assert users.resolve((GROUP, "test-1")) is Verdict.SKIPPED
    assert users.resolve((GROUP, "org:acme")) == Target(None, "acme")
    assert users.resolve((GROUP, "public-1")) == Target(None, None)
    assert users.resolve((GROUP, "later-1")) is Verdict.UNDECIDED


def test_a_value_that_reads_like_a_part_is_not_filled_in(tags):
    users = tags("{user}:{customer},{user},{customer}")

    assert users.resolve((GROUP, "{customer}:{user}")) == Target("{customer}", "{user}")


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0"])
def test_an_id_of_spaces_only_is_undecided(tags, blank):
    users = tags("user_{user},{user},", "org:{customer},,{customer},customer-scope")

    assert users.resolve((GROUP, f"user_{blank}")) is Verdict.UNDECIDED
    assert users.resolve((GROUP, f"org:{blank}")) is Verdict.UNDECIDED


def test_an_id_that_cannot_be_sent_is_held(tags):
    rules = PlanRules(tags("user_{user},{user},"))

    def of(tag):
        return record(1).model_copy(update={"scope": Scope(group=tag)})

    assert decide(of("user_a\0b"), rules) is Hold.UNUSABLE_ID
    assert decide(of("user_ "), rules) is Hold.UNDECIDED_USER
    assert decide(of("user_ada"), rules) == Target("ada", None)


def test_a_pattern_in_double_quotes_is_an_id(tags):
    users = tags('"""user_{user}""",u1,')

    assert users.resolve((GROUP, "user_{user}")) == Target("u1", None)
    assert users.resolve((GROUP, "user_ada")) is Verdict.UNMAPPED


def test_braces_with_digits_are_literals(tags):
    users = tags("{3f25}-{user},{user},")

    assert users.resolve((GROUP, "{3f25}-ada")) == Target("ada", None)


def test_ids_that_read_like_patterns_are_written_in_quotes(tmp_path):
    path = tmp_path / "users.csv"
    write_user_map(path, [SourceOwner(GROUP, "user_{user}", 1), SourceOwner(GROUP, "{}", 1)])

    assert {row.source_id for row in load_user_map(path).rows()} == {"user_{user}", "{}"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "u_{usr},x,,group,",
            "column source_id: holds '{usr}'; a part is one of {user}, {agent}, {project},"
            " {customer}, {rest} (an id that really has such braces goes in double quotes)",
        ),
        ("u_{source_id},x,,group,", "column source_id: holds '{source_id}'; a part is one of"),
        ("u_{User},x,,group,", "column source_id: holds '{User}'; a part is one of"),
        ("{},x,,group,", "column source_id: holds '{}'; a part is one of"),
        ("{user}:{user},x,,group,", "column source_id: holds {user} twice"),
        ("{user}{rest},x,,group,", "column source_id: has nothing between {user} and {rest}"),
        (
            "u_{user},{agent},,group,",
            "column user_id: holds '{agent}'; the only placeholder can be {source_id}, {user}",
        ),
        ("u_{user},x,{customer},group,", "column customer_id: holds '{customer}'"),
        ('u_{user},"""{user}""",,group,', "column user_id: holds a placeholder in double quotes"),
        ("alice,{user},,group,", "column user_id: holds '{user}'; the only placeholder is"),
        ("*,{user},,group,", "column user_id: holds '{user}'; the only placeholder is"),
        ("u_{user},,,user,keep", "column action: keep is not for patterns"),
        ("u_{user},{user},,group,skip", "column user_id: is filled, but the action is skip"),
        ("org:{customer},,,group,customer-scope", "column customer_id: is empty"),
    ],
)
def test_a_pattern_that_cannot_be_obeyed_is_a_problem_of_its_row(complaint, row, message):
    told = complaint(row)

    assert "users.csv, line 2, " in told
    assert message in told
    assert "1 problem" in told


def test_the_same_pattern_again_must_decide_the_same(complaint, tags):
    assert len(list(tags("u_{user},x,", "u_{user},x,").rows())) == 1
    told = complaint("u_{user},x,,group,\nu_{user},y,,group,")
    assert "line 3, column source_id: 'u_{user}' (group) is decided in another way in line 2" in (
        told
    )


def test_undecided_patterns_are_listed_with_their_text(tags):
    (row,) = tags("u_{user},,", "ada,a1,").undecided()

    assert (row.line, str(row.source_id)) == (2, "u_{user}")


def test_a_pattern_does_not_cover_every_user_and_an_undecided_one_leaves_a_gap(user_map_of):
    def covered(rows):
        return user_map_of(HEADER + rows).covers_every_user

    assert not covered("u_{user},{user},,user,\n")
    assert covered("u_{user},{user},,user,\n*,,,user,skip\n")
    assert not covered("u_{user},,,user,\n*,,,user,skip\n")


def test_b2c_refuses_a_customer_that_a_pattern_gives(tags):
    users = tags("ada,a1,", "{customer}:{user},{user},{customer}")

    with pytest.raises(UserMapError, match=r"in 1 row \(line 3\).*B2C"):
        apply_isolation_rule(users, isolation="equals_customer")


def test_b2b_needs_a_customer_of_a_pattern_and_takes_the_default(tags):
    users = tags("user_{user},{user},", "{customer}:{user},{user},{customer}")

    with pytest.raises(UserMapError, match=r"in 1 row \(line 2\).*B2B"):
        apply_isolation_rule(users, isolation="strict")
    filled = apply_isolation_rule(users, isolation="strict", customer_id="acme")
    assert filled.resolve((GROUP, "user_ada")) == Target("ada", "acme")
    assert filled.resolve((GROUP, "own:bob")) == Target("bob", "own")


def test_the_order_of_patterns_is_part_of_the_fingerprint_and_that_of_ids_is_not(tags):
    one, other = "u_{user},{user},", "u_{user}_{rest},{user},"
    mixed = tags(one, "ada,a1,", other, "bob,b1,").fingerprint()

    assert mixed == tags("bob,b1,", one, other, "ada,a1,").fingerprint()
    assert mixed != tags(other, "ada,a1,", one, "bob,b1,").fingerprint()


def test_a_pattern_and_an_id_of_the_same_text_have_different_fingerprints(tags):
    pattern, literal = tags("u_{user},x,"), tags('"""u_{user}""",x,')

    assert pattern.fingerprint() != literal.fingerprint()


def test_owners_that_a_changed_pattern_moves_are_told(tags):
    loaded = [("group", "user_ada", "ada", None), ("group", "user_bob", "bob", None)]
    rules = PlanRules(tags("user_{user},u-{user},", "user_bob,bob,"))

    assert moved_owners(loaded, rules) == ("group user_ada: ada then, u-ada now",)


def findings_of(user_map):
    return {finding.code: finding for finding in user_map_findings(user_map)}


def test_the_number_of_patterns_is_told(tags):
    found = findings_of(tags("u_{user},{user},", "ada,a1,"))

    assert list(found) == ["user-map-patterns"]
    told = found["user-map-patterns"]
    assert (told.severity, told.count) == (Severity.INFO, 1)
    assert told.examples == ("line 2: 'u_{user}' (group)",)


@pytest.mark.parametrize(
    ("row", "merges"),
    [
        ("user_{user},everyone,,group,", True),
        ("{customer}:{user},{user},,group,", True),
        ("{customer}:{user},{user},acme,group,", True),
        ("{customer}:{user},{customer},,group,", True),
        ("bot-{rest},bots,,user,", True),
        ("{customer}:{user},{user},{customer},group,", False),
        ("{customer}:{user},{customer}-{user},,group,", False),
        ("{customer}:{user},{source_id},,group,", False),
        ("ada.{project},ada,,group,", False),
        ("eu-{rest},{rest},,user,", False),
        ("test-{user},,,group,skip", False),
    ],
)
def test_a_pattern_that_makes_one_user_of_several_is_warned_about(user_map_of, row, merges):
    found = findings_of(user_map_of(HEADER + row))

    assert ("user-map-merges-users" in found) is merges


def test_a_pattern_that_many_can_read_is_warned_about(tags):
    found = findings_of(tags("org:{customer},,{customer},customer-scope"))

    assert found["user-map-wide-visibility"].examples == ("line 2: 'org:{customer}' (group)",)


def test_a_pattern_behind_a_wider_one_is_warned_about(tags):
    found = findings_of(tags("u_{user},{user},", "u_{user}_{rest},{user},"))

    told = found["user-map-late-patterns"]
    assert told.examples == ("line 3: 'u_{user}_{rest}' (group), after line 2",)


def test_patterns_of_different_scopes_or_in_good_order_are_not_warned_about(user_map_of):
    good = "u_{user}_{rest},{user},,group,\nu_{user},{user},,group,\n"
    apart = "u_{user},{user},,agent,\nu_{user},{user},,session,\n"

    assert "user-map-late-patterns" not in findings_of(user_map_of(HEADER + good + apart))


HOSTILE = ["a" * 100_000, "ab" * 50_000, "a" * 50_000 + "b" + "a" * 50_000, "\0" * 100_000]


@pytest.mark.parametrize("source_id", HOSTILE)
@pytest.mark.parametrize("end", ["", "c", "a"])
def test_a_long_hostile_id_is_read_once_without_trying_again(source_id, end):
    """A matcher that goes back would try about 100,000 to the power of five."""
    pattern = Pattern.of("{user}a{agent}aa{project}a{customer}aaaa{rest}" + end)

    parts = pattern.match(source_id)

    if parts is not None:
        assert pattern.filled(parts) == source_id


LITERALS = st.text("ab:{", max_size=3)


@st.composite
def patterns(draw):
    """Any pattern that the reader takes, with few letters, so that literals meet values."""
    names = draw(st.permutations(PARTS))[: draw(st.integers(1, len(PARTS)))]
    between = [draw(LITERALS.filter(bool)) for _ in names[1:]]
    text = draw(LITERALS)
    for name, literal in zip(names, [*between, draw(LITERALS)], strict=True):
        text += f"{{{name}}}{literal}"
    pattern = Pattern.of(text)
    assert not list(pattern.problems())
    return pattern


def by_regular_expression(pattern, source_id):
    """The same rule in other words: no place in a part begins the literal behind it."""
    expression = re.escape(pattern.literals[0])
    for name, literal in zip(pattern.names, pattern.literals[1:], strict=True):
        ahead = f"(?!{re.escape(literal)})" if literal else ""
        expression += f"(?P<{name}>(?:{ahead}.)+){re.escape(literal)}"
    found = re.fullmatch(expression, source_id, re.DOTALL)
    return found.groupdict() if found else None


@given(pattern=patterns(), source_id=st.text("ab:{\n", max_size=12))
def test_matching_follows_the_rule_as_documented(pattern, source_id):
    assert pattern.match(source_id) == by_regular_expression(pattern, source_id)


@given(pattern=patterns(), data=st.data())
def test_the_parts_that_fill_a_pattern_come_back(pattern, data):
    def ends_at_its_literal(value, literal):
        return not literal or (value + literal).find(literal) == len(value)

    parts = {
        name: data.draw(
            st.text("ab:{x\ud800", min_size=1, max_size=4).filter(
                lambda value, literal=literal: ends_at_its_literal(value, literal)
            )
        )
        for name, literal in zip(pattern.names, pattern.literals[1:], strict=True)
    }

    assert pattern.match(pattern.filled(parts)) == parts


DECISIONS = st.sampled_from([Verdict.SKIPPED, Verdict.UNDECIDED]) | st.builds(
    Target, st.none() | st.text("ab{}"), st.none() | st.just("{source_id}")
)


def table_of(rows):
    table = Table()
    for line, (key, decided) in enumerate(rows, start=2):
        table.add(key, decided, line)
    return table


@given(
    exact=st.dictionaries(st.text("ab:{", min_size=1, max_size=6), DECISIONS, min_size=1),
    rules=st.dictionaries(patterns(), DECISIONS),
    data=st.data(),
)
def test_no_pattern_changes_what_an_exact_row_decides(exact, rules, data):
    rows = data.draw(st.permutations([*exact.items(), *rules.items()]))
    plain = UserMap("plain", {GROUP: table_of(exact.items())})
    with_patterns = UserMap("with patterns", {GROUP: table_of(rows)})

    for source_id in exact:
        owner = (GROUP, source_id)
        assert with_patterns.resolve(owner) == plain.resolve(owner) == exact[source_id]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(user=st.text(min_size=1), customer=st.text(min_size=1))
@example(user="", customer="x")
def test_a_pattern_sends_no_id_that_is_none(tags, user, customer):
    users = tags("{customer}|{user},{user},{customer}", "{rest},{rest},")

    answer = users.resolve((GROUP, f"{customer}|{user}"))

    if isinstance(answer, Target):
        assert answer.user_id
        assert answer.user_id.strip()
        assert answer.customer_id is None or answer.customer_id.strip()
    else:
        assert answer is Verdict.UNDECIDED
