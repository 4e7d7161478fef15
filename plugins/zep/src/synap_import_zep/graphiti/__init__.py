"""Graphiti, read from the graph database that it writes to."""
