"""A Letta server that is none, and what reads it as the host does."""
