"""Where the hooks of plugins are called; nothing here is imported unless one is in use.

What a plugin sees is in :mod:`.contract`, what becomes of its faults in :mod:`.faults`.
"""
