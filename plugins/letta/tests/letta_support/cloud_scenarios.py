"""What the constructed cassettes of Letta Cloud show, and which public issue tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from letta_support.data import Data, Item
from letta_support.stand_in import StandIn

KEY = "key-of-the-tests"
PROJECTS: list[Item] = [
    {"id": "prj-1001", "name": "Default", "slug": "default"},
    {"id": "prj-1002", "name": "Travel bot", "slug": "travel-bot"},
]


@dataclass(frozen=True)
class Scenario:
    """An account, the answer that comes instead of its agents, and whether reading it fails."""

    about: str
    issue: str
    fill: Callable[[Data], None] = lambda _: None
    instead_of_agents: tuple[int, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    fails: bool = False

    def stand_in(self) -> StandIn:
        """The Cloud with this account."""
        data = Data()
        self.fill(data)
        return StandIn(data, cloud=True, password=KEY, projects=list(PROJECTS), before=self._before)

    def _before(self, request: Request) -> Response | None:
        if self.instead_of_agents is None or request.url.path != "/v1/agents/":
            return None
        status, body = self.instead_of_agents
        return JSONResponse(body, status)


def _two_projects(data: Data) -> None:
    for project, user in zip(PROJECTS, ("alice", "bob"), strict=True):
        agent = data.agent(user, project_id=project["id"], tags=[f"user:{user}"])
        data.block("human", f"Name: {user.title()}", agent, project_id=project["id"])
        data.exchange(agent, 1)


def _long_chat(data: Data) -> None:
    agent = data.agent("long-chat", project_id="prj-1001", tags=["user:eve"])
    conversation = data.conversation(agent, "Archived", archived=True)
    for number in range(60):
        data.exchange(agent, number)
    data.exchange(agent, 60, conversation_id=conversation["id"])


def _memory_files(data: Data) -> None:
    agent = data.agent("ada", project_id="prj-1001", tags=["user:ada", "git-memory-enabled"])
    data.memory_files[agent["id"]] = {
        "system/human.md": "---\ndescription: Who it is\n---\n\nName: Ada\n",
        "system/persona.md": "I am a helpful agent.",
        "notes/trip.md": "Likes trains.",
    }
    for path, text in data.memory_files[agent["id"]].items():
        data.block(path.removesuffix(".md"), text, agent, project_id="prj-1001")


_TOO_MANY = (
    "[{'type': 'less_than_equal', 'loc': ('query', 'limit'), 'msg': 'Input should be less than "
    "or equal to 200', 'input': '1000', 'ctx': {'le': 200}}]"
)
_PLAN = "You have reached your limit for agents, please upgrade your plan or delete some agents"

SCENARIOS = {
    "projects": Scenario(
        "lists show the default project unless another is asked for",
        "nouamanecodes/lettactl #197",
        _two_projects,
    ),
    "messages": Scenario(
        "122 messages and an archived conversation; cursors are relative to the order of a list, "
        "so that only oldest first and after a cursor is right here and on a server of one's own",
        "letta-ai/letta-agent-sdk #239 and #249",
        _long_chat,
    ),
    "memory_files": Scenario(
        "memory in files, which the list of blocks shows again with slashes in their labels",
        "letta-ai/letta #3422",
        _memory_files,
    ),
    "limit_refused": Scenario(
        "a list is asked for more than it gives",
        "nouamanecodes/lettactl #390 and letta-ai/letta-code #3494",
        instead_of_agents=(422, {"detail": _TOO_MANY}),
        fails=True,
    ),
    "plan_limit": Scenario(
        "a refusal of the gateway, which says error where the server says detail",
        "letta-ai/letta-code #3167",
        instead_of_agents=(402, {"error": _PLAN, "limit": 3}),
        fails=True,
    ),
    "wrong_key": Scenario(
        "a key that is none, refused as the gateway refuses",
        "letta-ai/letta-code #3167, for the shape",
        options={"api_key": "another-key"},
        fails=True,
    ),
    "other_project": Scenario(
        "a project that the key does not open",
        "letta-ai/letta-code #1099, of keys that belong to one project",
        options={"project": "not-mine"},
        fails=True,
    ),
}
