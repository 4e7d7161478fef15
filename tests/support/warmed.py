"""Imported by the server of ``support.warm`` before it forks."""

from .warm import preload

preload()
