"""The self-hosted REST server of Mem0, read through its lists, which end at 1,000 silently."""
