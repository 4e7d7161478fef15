"""``python -m synap_import``."""

from .cli.main import main

main()
