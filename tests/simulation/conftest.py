"""A few simulated minutes around an expiry, drawn once."""

import pytest

from flatbook.basics import NS_PER_MINUTE, parse_utc
from flatbook.simulation import SimulatedMarket


@pytest.fixture(scope="session")
def start_ns():
    return parse_utc("2026-01-07T07:58:00Z")


@pytest.fixture(scope="session")
def tape(start_ns):
    """The first four minutes: (instants, events), with an expiry at half-time."""
    return SimulatedMarket(7, start_ns).take(start_ns + 4 * NS_PER_MINUTE)
