"""The counters of an import for Prometheus, in a file that its node exporter reads."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .events import Ended, Progressed

if TYPE_CHECKING:
    from .events import Event, Listener

_log = logging.getLogger(__name__)

_GAUGES = {
    "exported": "Records that the source gave.",
    "loaded": "Records whose document Synap accepted.",
    "already_there": "Records whose document Synap had.",
    "held": "Records that are held.",
    "rejected": "Records that were rejected.",
    "in_doubt": "Records whose outcome is unknown.",
    "to_confirm": "Documents that Synap is asked about.",
    "confirmed": "Documents that Synap has finished.",
}
_OF_BOOKS = {"held": "held_total", "rejected": "rejected_total"}


def metrics_file(path: Path) -> Listener:
    """Replaces the file with the counters each time they are told.

    Raises ConfigurationError when the library is not installed, or the file cannot be written.
    """
    try:
        from prometheus_client import (  # noqa: PLC0415 - an extra
            CollectorRegistry,
            Gauge,
            write_to_textfile,
        )
    except ImportError as error:
        raise ConfigurationError(
            "--metrics needs the library prometheus-client, which is not installed.",
            remedy="Install it with pip install 'synap-import[metrics]', or in a checkout with "
            "pip install '.[metrics]'.",
        ) from error
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(f"synap_import_{name}", text, registry=registry)
        for name, text in _GAUGES.items()
    }
    exit_code = Gauge(
        "synap_import_exit_code",
        "What the command ended with; -1 while it runs.",
        registry=registry,
    )
    exit_code.set(-1)

    def write(counts: Mapping[str, Any]) -> None:
        for name, value in counts.items():
            gauges[name].set(value)
        try:
            write_to_textfile(str(path), registry)
        except OSError as error:
            # An import does not end for a watcher's sake.
            _log.warning("%s could not be written: %s", path, error)

    def listen(event: Event) -> None:
        match event:
            case Progressed(progress):
                write({name: progress[name] for name in _GAUGES})
            case Ended(books, code):
                exit_code.set(code)
                told = {n: getattr(books, _OF_BOOKS.get(n, n), None) for n in _GAUGES}
                write({name: value for name, value in told.items() if value is not None})

    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise ConfigurationError(
            f"The file for --metrics cannot be written ({path}: {error.strerror or error}).",
            remedy="Choose another place.",
        ) from error
    return listen
