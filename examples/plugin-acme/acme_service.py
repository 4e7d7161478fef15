"""Acme, a made-up service: ``python acme_service.py [PORT]``."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "acme-key-for-practice"
PAGE = 2
PEOPLE = {"ana": "Ana Lima", "ben": "Ben Okoro"}
MEMORIES = {
    "ana": [
        {"id": "a1", "text": "Ana is allergic to peanuts.", "learned_at": "2026-03-01T09:00:00Z"},
        {"id": "a2", "text": "Ana lives in Rio.", "learned_at": "2026-03-02T10:30:00Z", "old": 1},
        {"id": "a3", "text": "Ana moved to Lisbon.", "learned_at": "2026-04-11T07:45:00Z"},
    ],
    "ben": [
        {"id": "b1", "text": "Ben trains for a marathon.", "learned_at": "2026-03-05T18:20:00Z"},
        {"id": "b2", "text": "Ben likes tea.", "learned_at": "yesterday"},
    ],
}


def answer(path, after):
    """What is asked for, or None."""
    if path == "/me":
        return {"id": "acme-7", "name": "Blue Kite"}
    if path == "/people":
        return [{"id": i, "name": PEOPLE[i], "memories": len(MEMORIES[i])} for i in PEOPLE]
    listed = MEMORIES.get(unquote(path.removeprefix("/people/").removesuffix("/memories")))
    if listed is None:
        return None
    start = 1 + [one["id"] for one in listed].index(after) if after else 0
    shown = listed[start : start + PAGE]
    return {"memories": shown, "next": shown[-1]["id"] if listed[start + PAGE :] else None}


class Handler(BaseHTTPRequestHandler):
    """Refuses whoever has another key."""

    def do_GET(self):
        url = urlsplit(self.path)
        found = answer(url.path, parse_qs(url.query).get("after", [None])[0])
        known = self.headers["Authorization"] == f"Bearer {KEY}"
        body = json.dumps(found if known else {"error": "unknown key"}).encode()
        self.send_response(401 if not known else 404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """It is quiet."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8642
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"Acme at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
