"""The Mem0 Platform, read over its API."""
