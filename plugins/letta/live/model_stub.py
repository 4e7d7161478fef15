"""A stand-in for an OpenAI-compatible model: fixed words, vectors that follow from the text.

    python model_stub.py PORT

It says nothing of its own accord. A message ``USE tool {"argument": …}`` makes it call that tool,
so that what agents do by tools (insert memories, send messages, ask for approval) really happens.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from array import array
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

CHAT, EMBEDDING = "gpt-4o-mini", "text-embedding-3-small"
_USE = re.compile(r"USE (?P<tool>\w+) (?P<arguments>\{.*)", re.DOTALL)
_USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}

Message = dict[str, Any]


async def models(_: Request) -> JSONResponse:
    """What may be asked for."""
    known = [
        {"id": name, "object": "model", "created": 1, "owned_by": "stub"}
        for name in (CHAT, EMBEDDING)
    ]
    return JSONResponse({"object": "list", "data": known})


async def embeddings(request: Request) -> JSONResponse:
    """One vector for each text."""
    asked = await request.json()
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    size, as_base64 = asked.get("dimensions") or 1536, asked.get("encoding_format") == "base64"
    vectors = [vector(str(text), size) for text in texts]
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(one.tobytes()).decode() if as_base64 else one.tolist(),
        }
        for index, one in enumerate(vectors)
    ]
    return JSONResponse({"object": "list", "model": asked["model"], "data": data, "usage": _USAGE})


async def completions(request: Request) -> JSONResponse:
    """One answer; streams are not asked for by the seed."""
    asked = await request.json()
    said = answer(
        asked["messages"], {tool["function"]["name"] for tool in asked.get("tools") or ()}
    )
    choice = {
        "index": 0,
        "message": said,
        "finish_reason": "tool_calls" if "tool_calls" in said else "stop",
        "logprobs": None,
    }
    return JSONResponse(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": asked["model"],
            "choices": [choice],
            "usage": _USAGE,
        }
    )


def answer(messages: list[Message], tools: set[str]) -> Message:
    """What an assistant says to the last message."""
    if messages[-1]["role"] == "tool":
        return {"role": "assistant", "content": "That is done."}
    said = [text_of(message) for message in messages if message["role"] == "user"]
    wanted = _USE.search(said[-1]) if said else None
    if wanted and wanted["tool"] in tools:
        return call(wanted["tool"], first_object(wanted["arguments"]), len(messages))
    reply = f"Answer {len(said)}: {len(said[-1]) if said else 0} characters were read."
    if "send_message" in tools:
        return call("send_message", {"message": reply}, len(messages))
    return {"role": "assistant", "content": reply}


def call(tool: str, arguments: Message, number: int) -> Message:
    """A tool call; older agents want a thought and say whether they go on."""
    told = {"thinking": "One private thought.", "request_heartbeat": tool != "send_message"}
    identity = hashlib.sha256(f"{tool} {arguments} {number}".encode()).hexdigest()[:24]
    function = {"name": tool, "arguments": json.dumps(told | arguments)}
    called = {"id": f"call_{identity}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [called]}


def first_object(text: str) -> Message:
    """The JSON object that a text begins with; the server may have put it into a JSON string."""
    decoder = json.JSONDecoder()
    for form in (text, text.replace('\\"', '"')):
        try:
            found, _ = decoder.raw_decode(form)
        except ValueError:
            continue
        return dict(found)
    raise ValueError(f"no arguments in {text[:80]!r}")


def text_of(message: Message) -> str:
    """The words of a message, whatever else it holds."""
    content = message["content"]
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content)
    return content or ""


def vector(text: str, size: int) -> array[float]:
    """The same text has the same one."""
    numbers = hashlib.shake_256(text.encode()).digest(size)
    return array("f", ((number - 127.5) / 127.5 for number in numbers))


ROUTES = [
    Route("/v1/models", models),
    Route("/v1/embeddings", embeddings, methods=["POST"]),
    Route("/v1/chat/completions", completions, methods=["POST"]),
]

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=ROUTES), host="127.0.0.1", port=int(sys.argv[1]))
