"""While a cassette is played, nothing leaves this computer."""

from __future__ import annotations

import socket
import urllib.request

import pytest

from synap_import.testing import NetworkBlockedError, no_network


def test_a_connection_is_refused_before_it_is_made() -> None:
    with no_network(), socket.socket() as mine, pytest.raises(NetworkBlockedError):
        mine.connect(("192.0.2.1", 80))


def test_a_name_is_not_even_looked_up() -> None:
    with no_network(), pytest.raises(NetworkBlockedError, match=r"source\.example\.com"):
        socket.getaddrinfo("source.example.com", 443)


def test_this_computer_can_be_reached(service) -> None:
    with no_network(), pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(service)


def test_afterwards_everything_is_as_before() -> None:
    before = socket.socket.connect
    with no_network():
        assert socket.socket.connect is not before
    assert socket.socket.connect is before
