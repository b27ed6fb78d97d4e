"""Prices of all quotes and their gradient from one fixed grid, fast enough to be asked at every step of a fit.

A price is Black-76 at its expiry's own vol plus the integral of the difference of the two models' moments, whose poles
at 0 and 1 cancel. The grid therefore depends on the quotes alone: for each expiry and side of the forward a hyperbola
through 1/2 (see `contour`), turned towards the side, as wide as Black's bell. What multiplies the moments is worked
out once, and a step of the fit is one pass over the grid and one matrix product.
"""

from typing import NamedTuple

import numpy as np

from flatbook.basics import Floats, Ints
from flatbook.pricing.black import VALUE, option_value_and_greeks
from flatbook.pricing.heston.characteristic import Complexes
from flatbook.pricing.heston.gradient import log_moment_and_gradient
from flatbook.pricing.heston.quotes import Quotes


class Fineness(NamedTuple):
    """How a hyperbola is sampled: `points` intervals of equal y up to `length`, wings turned by `turn` radians."""

    points: int
    length: float
    turn: float


# The first serves ordinary smiles to 1e-11 of the forward; the others wait for smiles whose moments fade slowly, and for
# a correlation so near 1 that wings turned further than acos(rho) would climb.
FINENESSES = (Fineness(32, 4.0, 0.2), Fineness(96, 7.0, 0.2), Fineness(384, 11.0, 0.04))


class Quadrature(NamedTuple):
    """The grid of g groups (an expiry and a side) with m points each, and how it turns moments into n prices."""

    power: Complexes  # (g, m)
    years: Floats  # (g, 1)
    loads: Floats  # (g, most quotes of a group, 2 m): real parts, then minus imaginary
    group: Ints  # (n,) of each quote
    place: Ints  # (n,) within its group
    base: Floats  # (n,) what the price is where all moments are 0


def quadrature(quotes: Quotes, fineness: Fineness) -> Quadrature:
    """Lay the grid for `quotes`."""
    keys, group = np.unique(2 * quotes.expiry + (quotes.moneyness >= 0.0), return_inverse=True)
    years, vol = quotes.expiries[keys // 2], quotes.middle_vol[keys // 2]
    variance = (vol * vol * years)[:, None]
    power, step = _hyperbola(1.0 / np.sqrt(variance), np.where(keys % 2 == 1, -1.0, 1.0)[:, None], fineness)
    place = _places(group)
    m = power.shape[1]
    load = (quotes.discount * quotes.forward)[:, None] * (step / (np.pi * power * (power - 1.0)))[group]
    load *= np.exp(-quotes.moneyness[:, None] * (power - 1.0)[group])
    loads = np.zeros((keys.size, place.max() + 1, 2 * m))
    loads[group, place, :m], loads[group, place, m:] = load.real, -load.imag
    grid = Quadrature(power, years[:, None], loads, group, place, np.zeros(group.size))
    black = option_value_and_greeks(quotes.forward, quotes.strike, quotes.years, vol[group], quotes.sign)[VALUE]
    bell = np.exp(0.5 * variance * power * (power - 1.0))
    return grid._replace(base=quotes.discount * black - _prices(grid, bell[None])[:, 0])


def prices_and_gradient(grid: Quadrature, column: Floats) -> Floats:
    """Discounted prices of the quotes and their derivatives by v0, kappa, theta, sigma, rho: (n, 6)."""
    moments = log_moment_and_gradient(grid.power, grid.years, column)
    moment = np.exp(moments[0])
    moments[1:] *= moment
    moments[0] = moment
    out = _prices(grid, moments)
    out[:, 0] += grid.base
    return out


def _prices(grid: Quadrature, moments: Complexes) -> Floats:
    """The integrals of c functions (c, g, m) given on the grid, for every quote: (n, c)."""
    parts = np.concatenate((moments.real, moments.imag), axis=2)
    return np.matmul(grid.loads, parts.transpose(1, 2, 0))[grid.group, grid.place]


def _hyperbola(width: Floats, side: Floats, fineness: Fineness) -> tuple[Complexes, Complexes]:
    """Points of each hyperbola and dp/i between them, halved at the vertex, which belongs to both conjugate wings."""
    h = fineness.length / fineness.points
    y = h * np.arange(fineness.points + 1)
    angled = np.asarray(y + 1j * side * fineness.turn, dtype=np.complex128)
    step = np.asarray(h * width * np.cosh(angled), dtype=np.complex128)
    step[:, 0] *= 0.5
    return 0.5 + 1j * width * (np.sinh(angled) - 1j * np.sin(side * fineness.turn)), step


def _places(group: Ints) -> Ints:
    """The rank of each quote within its group, in the order given."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order])
    places = np.empty(group.size, dtype=np.int64)
    places[order] = np.arange(group.size) - starts
    return places
