"""Zep Cloud, read over its API."""
