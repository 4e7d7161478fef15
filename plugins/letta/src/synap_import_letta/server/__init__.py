"""Letta over its API: a self-hosted V1 server, or the Cloud."""
