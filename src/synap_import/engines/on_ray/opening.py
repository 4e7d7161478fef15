"""Opens the engine on Ray for an import that was asked to have it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import ray

from synap_import.engines.here import Here
from synap_import.engines.reading import Reading
from synap_import.ledger.postgres import PostgresLedger
from synap_import.ledger.postgres.address import read_address, without_secrets
from synap_import.preflight.masking import making

from . import keys
from .crew import Crew
from .desk import Desk
from .engine import OnRay
from .order import Order, Target
from .pace import Pace
from .session import ray_session
from .worker import Worker

if TYPE_CHECKING:
    from synap_import.engines.choosing import EngineChoice
    from synap_import.engines.commission import Commission


@contextmanager
def opened_on_ray(choice: EngineChoice, commission: Commission) -> Iterator[OnRay]:
    """The engine, with Ray begun or found. Raises ConfigurationError or EngineError."""
    if not isinstance(commission.ledger, PostgresLedger):
        raise TypeError("the workers cannot share this ledger")
    order, secret = _order(choice, commission)
    inherited = keys.Keys(secret).as_environment()
    with ray_session(choice.address, choice.workers, inherited):
        engine = _engine(order, commission, commission.ledger)
        try:
            yield engine
        finally:
            engine.crew.dismiss()


def _order(choice: EngineChoice, commission: Commission) -> tuple[Order, dict[str, str]]:
    """What workers are told, and the keys that they must find elsewhere."""
    config, wanted, secret = keys.apart(commission.source.config)
    destination = commission.destination
    target = None
    if destination is not None and destination.identity is not None:
        target = Target(destination.url, destination.identity.instance_id)
        secret[keys.SYNAP_KEY] = destination.api_key
    password = read_address(commission.address).get("password")
    if password:
        secret[keys.LEDGER_PASSWORD] = str(password)
    order = Order(
        adapter=commission.adapter,
        config=config,
        wanted=wanted,
        account=commission.account,
        folder=os.getcwd(),  # noqa: PTH109 - as a word, for another machine
        workers=choice.workers,
        transforms=commission.transforms.names if commission.transforms else (),
        marks=commission.marker.version,
        scans=commission.marker.scans,
        form=commission.form,
        limits=commission.limits,
        ledger=without_secrets(commission.address),
        job=commission.job,
        target=target,
    )
    return order, secret


def _engine(order: Order, commission: Commission, ledger: PostgresLedger) -> OnRay:
    most = order.limits.in_flight * order.workers
    remote_pace = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Pace)
    pace = remote_pace.options(name=f"pace of {order.job}").remote(most)
    remote_worker = ray.remote(num_cpus=1)(Worker)
    crew = Crew(
        order,
        hire=partial(_hire, remote_worker, pace),
        pace=pace,
        ledger=ledger,
        progress=commission.progress,
        desk=Desk(most=order.workers),
    )
    reading = Reading(
        commission.source,
        ledger,
        commission.progress,
        commission.marker.marks,
        commission.transforms,
    )
    return OnRay(crew, Here(reading, making(order.form), order.limits))


def _hire(remote_worker: Any, pace: Any, name: str) -> Any:
    return remote_worker.remote(name, pace)
