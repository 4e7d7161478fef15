"""A self-hosted Mem0 server, read over its REST API."""
