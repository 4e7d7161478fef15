"""Readers of formats that a mapping cannot express: one item becomes many records, or none."""
