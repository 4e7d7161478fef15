"""The page that shows what the sandbox holds; self-contained, and every value is escaped."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson
from starlette.responses import HTMLResponse

from . import views

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from .app import Sandbox

_STYLE = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
_PAGE = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Even if something slipped past escaping, nothing could run, load, or be sent elsewhere.
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISOLATION = {"b2b": "B2B: user and customer", "b2c": "B2C: user only"}
_DUPLICATES = {
    "update": "repeated id updates",
    "row": "repeated id fails its row",
    "conflict": "repeated id is a 409",
}


def render(query: Mapping[str, str], sandbox: Sandbox) -> HTMLResponse:
    """The overview, or with ``user``, ``customer`` or ``client`` the memories of that owner.

    ``page`` counts from 1.
    """
    page = _page_number(query.get("page", "1"))
    owner = _owner(query)
    with sandbox.store.reader() as connection:
        totals = views.totals(connection)
        if owner is None:
            title, content = "Synap sandbox", _overview(connection, page)
        else:
            title = f"{_owner_name(owner.user_id, owner.customer_id)} in the Synap sandbox"
            content = _memories(connection, owner, query, page)
    html = _PAGE.substitute(
        title=escape(title),
        style=_STYLE,
        instance=escape(sandbox.instance_id),
        isolation=_ISOLATION[sandbox.settings.isolation],
        duplicates=_DUPLICATES[sandbox.settings.duplicates],
        totals=_totals(totals),
        content=content,
    )
    return HTMLResponse(html, headers=_HEADERS)


def _owner(query: Mapping[str, str]) -> views.OwnerFilter | None:
    user, customer = query.get("user") or None, query.get("customer") or None
    if user is not None:
        return views.OwnerFilter(user, customer, exact="customer" in query)
    if customer is not None or "client" in query:
        return views.OwnerFilter(None, customer, exact=True)
    return None


def _page_number(text: str) -> int:
    # Nine digits keep the offset within what SQLite counts with.
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _totals(totals: views.Totals) -> str:
    cells = [
        ("Memories", totals.documents, False),
        ("Users", totals.users, False),
        ("Ingestions", totals.ingestions, False),
        ("Stored more than once", totals.stored_twice, totals.stored_twice > 0),
        *([("Deleted", totals.deleted, False)] if totals.deleted else []),
    ]
    return "".join(
        f"<div{' class=warn' if warn else ''}><dt>{name}</dt><dd>{count:,}</dd></div>"
        for name, count, warn in cells
    )


def _overview(connection: sqlite3.Connection, page: int) -> str:
    count = views.owner_count(connection)
    if count == 0:
        return '<p class="empty">Nothing has arrived yet. Point an import here and reload.</p>'
    rows = "".join(map(_owner_row, views.owners(connection, page)))
    return (
        '<div class="heading"><h2>Whose they are</h2><form action="/" role="search">'
        '<input name="user" placeholder="user_id" aria-label="user_id" required>'
        "<button>Show</button></form></div>"
        '<div class="scroll"><table><thead><tr><th>user_id</th><th>customer_id</th>'
        '<th class="number">Memories</th><th>First original time</th><th>Last original time</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>{_pages(page, count, {})}"
    )


def _owner_row(owner: views.Owner) -> str:
    link = escape("/?" + urlencode(_link(owner)))
    if owner.user_id is None:
        reach = "whole client" if owner.customer_id is None else "whole customer"
        # Synap shows such memories to more than one user: worth a second look.
        name = f'<a href="{link}">no user</a> <span class="chip warn">{reach}</span>'
    else:
        name = f'<a href="{link}">{_inert(owner.user_id)}</a>'
    customer = '<span class="none">none</span>'
    if owner.customer_id is not None:
        customer = _inert(owner.customer_id)
    return (
        f'<tr><td class="name">{name}</td><td>{customer}</td>'
        f'<td class="number">{owner.documents:,}</td>'
        f"<td>{_moment(owner.first)}</td><td>{_moment(owner.last)}</td></tr>"
    )


def _link(owner: views.Owner) -> dict[str, str]:
    if owner.user_id is not None:
        return {"user": owner.user_id, "customer": owner.customer_id or ""}
    return {"client": "1"} if owner.customer_id is None else {"customer": owner.customer_id}


def _memories(
    connection: sqlite3.Connection,
    owner: views.OwnerFilter,
    query: Mapping[str, str],
    page: int,
) -> str:
    count = views.owned_count(connection, owner)
    name = _inert(_owner_name(owner.user_id, owner.customer_id))
    heading = (
        f'<div class="heading"><h2>{name}: {count:,} {"memory" if count == 1 else "memories"}</h2>'
        '<a href="/">All users</a></div>'
    )
    if count == 0:
        return f'{heading}<p class="empty">Nothing is held under this name.</p>'
    items = "".join(map(_memory, views.owned(connection, owner, page)))
    kept = {key: query[key] for key in ("user", "customer", "client") if key in query}
    return f'{heading}<ol class="memories">{items}</ol>{_pages(page, count, kept)}'


def _memory(shown: views.Shown) -> str:
    cut = shown.characters - len(shown.text)
    more = f' <span class="none">… {cut:,} more characters</span>' if cut else ""
    created = '<span class="none">no original time</span>'
    if shown.created_at is not None:
        created = f'<span class="time">{_inert(shown.created_at)}</span>'
    system = orjson.loads(shown.metadata).get("original_system")
    chips = [shown.document_type, *([system] if isinstance(system, str) else [])]
    twice = f'<span class="chip warn">received {shown.received} times</span>'
    return (
        f'<li><p class="text" dir="auto">{escape(shown.text)}{more}</p><p class="meta">{created}'
        + "".join(f'<span class="chip">{_inert(chip)}</span>' for chip in chips)
        + f'<span class="id">{_inert(shown.document_id)}</span>'
        + (twice if shown.received > 1 else "")
        + "</p></li>"
    )


def _pages(page: int, count: int, query: dict[str, str]) -> str:
    last = -(-count // views.PAGE_SIZE)
    if last <= 1:
        return ""

    def link(number: int, name: str) -> str:
        if not 1 <= number <= last:
            return "<span></span>"
        target = escape("/?" + urlencode({**query, "page": number}))
        return f'<a href="{target}">{name}</a>'

    return (
        f'<nav class="pages">{link(page - 1, "← Previous")}'
        f"<span>Page {page:,} of {last:,}</span>{link(page + 1, 'Next →')}</nav>"
    )


def _owner_name(user_id: str | None, customer_id: str | None) -> str:
    if user_id is not None:
        return user_id if customer_id is None else f"{user_id} ({customer_id})"
    return "The whole client" if customer_id is None else f"All of customer {customer_id}"


def _inert(text: str) -> str:
    # Isolated as well as escaped: a right-to-left override must not turn its neighbours round.
    return f"<bdi>{escape(text)}</bdi>"


def _moment(seconds: float | None) -> str:
    if seconds is None:
        return '<span class="none">none</span>'
    try:
        at = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return '<span class="none">out of range</span>'
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M} UTC</time>'
