"""What a dry run announces is what the server then got."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.commands import Sandbox
from support.sources import FakeSource, record
from synap_import.destination import open_synap, whoami
from synap_import.errors import SynapImportError
from synap_import.identity import Target, UserMap, Verdict, identity_user_map
from synap_import.identity.user_map import SOURCE_ID, Table
from synap_import.ledger import Books, Ledger, Origin, SqliteLedger
from synap_import.pipeline import Import
from synap_import.planning import Ownerless, PlanRules, Unmapped, UserlessOwner
from synap_import.preflight import Preflight, look
from synap_import.progress import Progress
from synap_import.records import Kind, MemoryRecord, Scope, ScopeKind, State
from synap_import.sandbox import BackgroundSandbox, SandboxSettings

USERS = ["ada", "Ada", "bob", "eve"]
TEXTS = ["tea", "likes tea", " ", "a\x00b", "User: hi\nAssistant: hello", "mail a@b.example"]

scopes = st.builds(
    Scope,
    user=st.none() | st.sampled_from(USERS),
    agent=st.none() | st.sampled_from(["bot"]),
    session=st.none() | st.sampled_from(["s1", "s2"]),
)
facts = st.fixed_dictionaries(
    {
        "text": st.sampled_from(TEXTS),
        "scope": scopes,
        "state": st.sampled_from([State.ACTIVE, State.ACTIVE, State.DELETED]),
        "hold": st.sampled_from([None, None, None, "copy"]),
    }
)
messages = st.fixed_dictionaries(
    {
        "kind": st.just(Kind.MESSAGE),
        "text": st.sampled_from(TEXTS),
        "scope": scopes,
        "role": st.sampled_from(["user", "assistant", None]),
        "position": st.none() | st.integers(0, 5),
    }
)
user_maps = st.one_of(
    st.just(identity_user_map()),
    st.dictionaries(
        st.sampled_from([*USERS, None]),
        st.sampled_from(
            [
                Target("one", None),
                Target(SOURCE_ID, None),
                Target(None, None),
                Verdict.SKIPPED,
                Verdict.UNDECIDED,
            ]
        ),
        min_size=1,
    ).map(lambda rows: UserMap("a map", {ScopeKind.USER: table(rows)})),
)
plans = st.builds(
    PlanRules,
    user_maps,
    unmapped=st.sampled_from(Unmapped),
    agents_as=st.sampled_from(UserlessOwner),
    ownerless=st.sampled_from([Ownerless.HOLD, Ownerless.CLIENT_SCOPE]),
    only_user=st.sampled_from([None, None, "ada"]),
    turns_per_document=st.integers(1, 2),
    redact=st.booleans(),
)


def table(rows: dict[str | None, Target | Verdict]) -> Table:
    made = Table()
    for line, (source_id, decision) in enumerate(rows.items(), start=2):
        is_template = source_id is None or not isinstance(decision, Target)
        made.add(source_id, decision if is_template else decision.filled(source_id), line)
    return made


def run(
    records: Sequence[MemoryRecord],
    rules: PlanRules,
    ledger: Ledger,
    url: str | None = None,
    accepted: frozenset[str] = frozenset(),
) -> Books:
    """A dry run, or with a ``url`` a load."""

    async def imported() -> Books:
        source = FakeSource.giving(records, page_size=3)
        job = Import(source, ledger, rules, Progress(), accepted=accepted)
        if url is None:
            return await job.run()
        async with open_synap(url, "synap_k", await whoami(url, "synap_k")) as job.synap:
            return await job.run()

    return anyio.run(imported)


def announced(ledger: Ledger) -> dict[str, Any]:
    """The documents that a ledger holds, with whose they are meant to be."""
    return {one.document_id: one.state for one in ledger.listing.identified() if one.document_id}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(facts, messages), max_size=12).map(
        lambda items: [record(n, **fields) for n, fields in enumerate(items)]
    ),
    plans,
)
def test_a_dry_run_announces_what_the_server_then_gets(
    records: list[MemoryRecord], rules: PlanRules
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        dry, real = (SqliteLedger(folder / f"{one}.sqlite") for one in ("dry", "real"))
        foreseen = run(records, rules, dry)
        seen: Preflight = look(dry, rules, {}, scanned=False)
        errors = {
            one.code for one in dry.findings.kept(Origin.PREFLIGHT) if one.severity == "error"
        }
        settings_ = SandboxSettings(folder / "sandbox.sqlite", isolation="b2c", api_key="synap_k")
        with BackgroundSandbox(settings_) as sandbox:
            here = Sandbox(sandbox.base_url)
            if errors:
                stopped = False
                try:
                    run(records, rules, real, here.url)
                except SynapImportError:
                    stopped = True
                assert stopped
            books = run(records, rules, real, here.url, accepted=frozenset(errors))
            got = here.documents()
        assert seen.outlook.documents == foreseen.documents == len(got)
        assert seen.outlook.users == len({one["user_id"] for one in got} - {None})
        assert set(announced(dry)) == {one["document_id"] for one in got}
        assert foreseen.held == books.held
        assert foreseen.unfinished == books.loaded
        dry.close()
        real.close()
