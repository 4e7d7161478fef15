"""A new plugin: a whole distribution with an adapter that keeps the contract, to be made one's own.

The template is plain files with ``$names`` in them, filled in by the standard library: it is used
once in the life of a plugin, which is no reason to make every installation heavier.
"""

from __future__ import annotations

from .licences import Licence as Licence
from .names import Names as Names
from .names import named as named
from .project import Plan as Plan
from .project import project_files as project_files
from .project import write_project as write_project

__all__ = ["Licence", "Names", "Plan", "named", "project_files", "write_project"]
