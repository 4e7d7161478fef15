"""The options that every import has, whatever its source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from synap_import.planning import Hold, hold_of
from synap_import.records import State

from .confirm_options import confirm_option
from .resync_options import resync_options

if TYPE_CHECKING:
    from synap_import.loading import LoadLimits
    from synap_import.loading.confirming import ConfirmChoice

_DOCUMENT_TYPES = (
    "ai-chat-conversation",
    "document",
    "email",
    "pdf",
    "image",
    "audio",
    "meeting-transcript",
)
"""maximem-synap 0.6.9, memories/models.py, DocumentType."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What was asked of an import."""

    user_map: str | None
    unmapped: str
    agents_as: str
    no_user: str
    include: tuple[str, ...]
    accept: tuple[str, ...]
    redact: bool
    transform: tuple[str, ...]
    customer_id: str | None
    to: str
    synap_url: str | None
    dry_run: bool
    limit: int | None
    trial: int | None
    only_user: str | None
    since: datetime | None
    document_type: str | None
    mode: str
    namespace: str | None
    turns_per_document: int
    conversations_as: str
    in_flight: int
    on_doubt: str
    confirm: ConfirmChoice
    workdir: Path | None
    new_job: bool
    ledger: str | None
    engine: str
    ray_address: str | None
    workers: int
    resync: bool
    keep_replaced: bool
    mirror_deletes: str | None
    watch: float | None
    yes: bool
    as_json: bool
    events: Path | None
    metrics: Path | None

    @classmethod
    def pop_from(cls, given: dict[str, Any]) -> ImportOptions:
        """Take the common options out of all that was parsed."""
        return cls(**{field.name: given.pop(field.name) for field in fields(cls)})


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """An ISO date or time; one without a zone is UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an ISO date or time, such as 2026-01-31.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Place(click.ParamType[str]):
    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Synap, the sandbox, or a place of a plugin's destination."""
        if value not in ("synap", "sandbox") and ":" not in str(value):
            self.fail(f"{value!r} is not one of 'synap', 'sandbox' and NAME:WHERE.", param, ctx)
        return str(value)


class _Reason(click.ParamType[str]):
    name = "reason"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """A reason to hold; the plain name of a state stands for its reason."""
        if value in set(State):
            return hold_of(State(value))
        if value in set(Hold):
            self.fail(f"{value} is for the user map and the other options to decide.", param, ctx)
        return str(value)


def workdir_option() -> click.Option:
    """Where jobs are kept."""
    return click.Option(
        ["--workdir"],
        type=click.Path(path_type=Path, file_okay=False),
        envvar="SYNAP_IMPORT_WORKDIR",
        show_envvar=True,
        help="Folder for jobs and their ledgers.  [default: your user state folder]",
    )


def synap_url_option() -> click.Option:
    """Where Synap is."""
    return click.Option(
        ["--synap-url"],
        envvar="SYNAP_BASE_URL",
        show_envvar=True,
        help="Address of Synap. The key comes from SYNAP_API_KEY.",
    )


def json_option() -> click.Option:
    """Results for machines."""
    return click.Option(
        ["--json", "as_json"], is_flag=True, help="Print the result as JSON on standard output."
    )


def import_options() -> list[click.Parameter]:
    """Fresh option objects, since click keeps state in them."""
    return [
        *_identity_options(),
        *_destination_options(),
        *_selection_options(),
        *resync_options(),
        *_job_options(),
    ]


def _identity_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--user-map"],
            metavar="FILE|identity",
            help="CSV that says whose each memory becomes; `identity` keeps the source's user ids.",
        ),
        click.Option(
            ["--unmapped"],
            type=click.Choice(["fail", "hold", "identity"]),
            default="fail",
            show_default=True,
            help="What becomes of users that are not in the user map.",
        ),
        click.Option(
            ["--agents-as"],
            type=click.Choice(["ask", "hold", "users"]),
            default="ask",
            show_default=True,
            help="What becomes of records that belong to an agent or a session but to no user, "
            "and are not in the user map: `users` makes each a user named `agent-ID`.",
        ),
        click.Option(
            ["--no-user"],
            type=click.Choice(["hold", "customer-scope", "client-scope"]),
            default="hold",
            show_default=True,
            help="What becomes of records that belong to nobody. The scopes make them readable "
            "by everyone of --customer-id, or by every user of the instance.",
        ),
        click.Option(
            ["--customer-id"], help="Customer for all users that have none in the user map (B2B)."
        ),
    ]


def _destination_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--to"],
            type=_Place(),
            metavar="synap|sandbox|NAME:WHERE",
            default="synap",
            show_default=True,
            help="`sandbox` is a local stand-in: nothing reaches Maximem Synap. Plugins add other "
            "destinations; `synap-import plugins` lists them.",
        ),
        synap_url_option(),
        click.Option(
            ["--document-type"],
            type=click.Choice(_DOCUMENT_TYPES),
            help="Send all as this type. [default: conversations as ai-chat-conversation, "
            "the rest as document]",
        ),
        click.Option(
            ["--mode"],
            type=click.Choice(["long-range", "fast"]),
            default="long-range",
            show_default=True,
            help="How thoroughly Synap takes the documents in.",
        ),
        click.Option(
            ["--namespace"],
            help="Put this into document ids, where ids of two accounts could collide.",
        ),
        click.Option(
            ["--turns-per-document"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="How many exchanges of a conversation (a question with its answers) go into one "
            "document.",
        ),
        click.Option(
            ["--conversations-as"],
            type=click.Choice(["documents", "transcripts"]),
            default="documents",
            show_default=True,
            help="`transcripts` sends each conversation whole, one a request: sending it again is "
            "free, --mode and --document-type do not apply to it, and it takes longer.",
        ),
        *sending_options(),
        confirm_option(),
    ]


def sending_options() -> list[click.Parameter]:
    """How documents are sent, for whatever sends some."""
    return [
        click.Option(
            ["--in-flight"],
            type=click.IntRange(1, 10),
            default=10,
            show_default=True,
            help="Most batches under way at once; how many it really is, is learned.",
        ),
        click.Option(
            ["--on-doubt"],
            type=click.Choice(["resend", "hold"]),
            default="resend",
            show_default=True,
            help="What becomes of documents whose answer did not come. Sending them again is safe "
            "as long as Synap keeps its word about a repeated document_id; `hold` lists them "
            "instead.",
        ),
    ]


def load_limits(in_flight: int, on_doubt: str) -> LoadLimits:
    """How these options limit loading."""
    from synap_import.loading import LoadLimits  # noqa: PLC0415 - start-up time

    return LoadLimits(in_flight=in_flight, hold_doubts=on_doubt == "hold")


def _selection_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--include"],
            type=_Reason(),
            multiple=True,
            help="Load records that are held for this reason, as the summary names it: "
            "state-expired, state-superseded, … May be given several times.",
        ),
        click.Option(
            ["--accept"],
            metavar="CODE",
            multiple=True,
            help="Load in spite of the pre-flight's error of this code. May be given several "
            "times; `synap-import explain` lists the codes.",
        ),
        click.Option(
            ["--redact"],
            is_flag=True,
            help="Mask what looks like secrets and personal data in what is sent. Needs the extra "
            "`privacy`.",
        ),
        click.Option(
            ["--transform"],
            metavar="NAME",
            multiple=True,
            help="What a plugin does to the records before they are kept; `synap-import plugins` "
            "lists the names. May be given several times, and with every run of a job.",
        ),
        click.Option(
            ["--dry-run"], is_flag=True, help="Do everything but the load: the pre-flight."
        ),
        click.Option(
            ["--limit"],
            type=click.IntRange(min=1),
            help="Load at most this many documents in this run.",
        ),
        click.Option(
            ["--try", "trial"],
            type=click.IntRange(1, 500),
            metavar="N",
            help="Load about so many documents first, of all users and kinds as far as that goes, "
            "show what Synap makes of them, and ask before going on.",
        ),
        click.Option(
            ["--only-user"], help="Load only this user (id in the source); hold the others."
        ),
        click.Option(
            ["--since"],
            type=_Moment(),
            help="Load only what was created or changed since then; hold the rest.",
        ),
    ]


def _engine_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--engine"],
            type=click.Choice(["process", "ray"]),
            default="process",
            show_default=True,
            help="Who reads and sends: this process, or workers on Ray, which share a ledger in a "
            "PostgreSQL (--ledger). Needs the extra `ray`.",
        ),
        click.Option(
            ["--ray-address"],
            metavar="ADDRESS",
            envvar="RAY_ADDRESS",
            show_envvar=True,
            help="The Ray cluster of --engine ray.  [default: one of this machine, that ends with "
            "the command]",
        ),
        click.Option(
            ["--workers"],
            type=click.IntRange(min=1),
            default=4,
            show_default=True,
            help="How many workers --engine ray has.",
        ),
    ]


def _job_options() -> list[click.Parameter]:
    return [
        workdir_option(),
        click.Option(["--new-job"], is_flag=True, help="Start over instead of resuming."),
        click.Option(
            ["--ledger"],
            metavar="ADDRESS",
            envvar="SYNAP_IMPORT_LEDGER",
            show_envvar=True,
            help="Keep the job's ledger in a PostgreSQL (postgresql://USER@HOST/DATABASE) instead "
            "of a file, for several machines. Needs the extra `postgres`.",
        ),
        *_engine_options(),
        json_option(),
        click.Option(
            ["--events"],
            type=click.Path(path_type=Path, dir_okay=False),
            help="Append what happens to this file while it happens, one JSON object per line.",
        ),
        click.Option(
            ["--metrics"],
            type=click.Path(path_type=Path, dir_okay=False),
            help="Keep the counters in this file for Prometheus (node exporter's textfile "
            "collector, so name it NAME.prom).",
        ),
    ]
