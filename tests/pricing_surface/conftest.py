"""Made-up chains: smiles known to the last digit, quoted exactly, with a spread, or with noise."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from flatbook.basics import Floats, Ints
from flatbook.pricing.smiles import SVI
from flatbook.pricing.surface import fit_slice

NO_SLICE, NO_SLICES, NOWHERE = np.zeros(5), np.zeros((0, 5)), np.zeros((0, 2))


class Fit(NamedTuple):
    """What `fit_slice` answered."""

    status: int
    raw: Floats
    flags: Ints

    @property
    def svi(self) -> SVI:
        return SVI(*self.raw.tolist())


class Columns(NamedTuple):
    """The arguments of `fit_surface`, and the smiles behind them."""

    years: Floats
    forward: Floats
    expiry: Ints
    strike: Floats
    bid_vol: Floats
    ask_vol: Floats
    truth: tuple[SVI, ...]


Fitter = Callable[..., Fit]
Smile = Callable[..., SVI]
ChainMaker = Callable[..., Columns]


def _smile(years: float, vol: float = 0.6, shape: tuple[float, float, float, float, float] = (0.8, 0.7, 0.5, 0.1, 1.5)) -> SVI:
    """A slice by its variance at the middle, wing slopes, middle and bend, all in deviations vol * sqrt(years)."""
    height, left, right, middle, bend = shape
    unit, total = vol * years**0.5, 0.5 * (left + right)
    raw = (height - total * bend) * unit * unit, total * unit, (right - left) / (right + left), middle * unit, bend * unit
    return SVI(*raw)


def _fit(
    k: Floats, bid: Floats, ask: Floats, years: float, *, start: Floats = NO_SLICE, earlier: Floats = NO_SLICE,
    later: Floats = NO_SLICES, ends: Floats = NOWHERE, weight: Floats | None = None,
) -> Fit:  # fmt: skip
    raw, flags = np.array(start, dtype=np.float64), np.full(k.size, -1)
    heavy = np.ones(k.size) if weight is None else weight
    return Fit(fit_slice(k, bid, ask, heavy, years, raw, earlier, later, ends, flags), raw, flags)


def _chain(
    days: tuple[float, ...] = (0.4, 2.0, 9.0, 30.0, 90.0, 250.0),
    strikes: int = 21,
    half: float = 0.01,
    noise: float = 0.0,
    seed: int = 7,
) -> Columns:
    """Smiles of one shape in deviations, whose variances grow with time, quoted `half` to each side and off by `noise`."""
    rng = np.random.Generator(np.random.PCG64(seed))
    years, number = np.array(days) / 365.0, np.repeat(np.arange(len(days)), strikes)
    forward = 60_000.0 * np.exp(0.04 * years)
    truth = tuple(_smile(each) for each in years.tolist())
    k = np.concatenate([np.linspace(-3.0, 3.0, strikes) * 0.6 * each**0.5 for each in years.tolist()])
    vol = np.array([truth[i].vol(x, years[i]) for i, x in zip(number.tolist(), k.tolist(), strict=True)])
    mid = vol + noise * rng.standard_normal(k.size)
    return Columns(years, forward, number, forward[number] * np.exp(k), mid - half, mid + half, truth)


@pytest.fixture(scope="session")
def smile() -> Smile:
    return _smile


@pytest.fixture(scope="session")
def fit() -> Fitter:
    return _fit


@pytest.fixture(scope="session")
def chain() -> ChainMaker:
    return _chain
