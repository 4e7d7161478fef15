"""Import from Python: rehearse in the sandbox first, watch it, look at what became of it.

Each part between the lines is a cell, in a notebook as well as in VS Code or Jupytext.
"""

# %% What is there, and what would happen: nothing is sent.
from pathlib import Path

from synap_import import run_import
from synap_import.events import Event, FindingSeen, Progressed

HERE = Path(__file__).parent
MEMORIES = {"files": [str(HERE / "memories.jsonl")]}
USERS = HERE / "users.csv"

rehearsal = run_import("json", MEMORIES, user_map=USERS, to="sandbox", dry_run=True)
print("would load", rehearsal.books.unfinished, "and hold", rehearsal.books.held)


# %% The import itself, with a callback.
def follow(event: Event) -> None:
    match event:
        case FindingSeen(finding):
            print(f"{finding.severity}: {finding.message}")
        case Progressed(progress):
            print(f"{progress['loaded']} of {progress['exported']} records loaded")


result = run_import("json", MEMORIES, user_map=USERS, to="sandbox", on_event=follow)

# %% What became of it. The same call again resumes it, or finds that there is nothing to do.
print(result.job, "in", result.folder)
books = result.books
print("loaded", books.loaded, "· held", books.held_total, "· complete:", result.is_complete)
