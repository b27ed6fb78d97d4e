"""Options that settle on an average of the index, such as the last 30 minutes', before and inside that window.

The average to come is taken as lognormal around the forward F, with the variance of the mean of the logarithms; what is
fixed, a = (1 - w) A, is known. So an option is Black's on w F struck at K - a, and the final average is expected at
X = a + w F. Coin-settled, it is worth V/X coins. All is undiscounted, as the option venues mark.

The kernel below stands in for `option_greeks` row by row; `settlement_terms` gives it what depends on the clock and on
the fixings so far, once an expiry.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flatbook.basics import Floats
from flatbook.pricing.arguments import NOT_NEGATIVE, POSITIVE, Rule, columns, shaped
from flatbook.pricing.averages.schedule import average_known, mean_years
from flatbook.pricing.black import DELTA, GAMMA, GREEKS, THETA, VALUE, VANNA, VEGA, VOLGA, black_terms
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import logarithm

HALF_HOUR = 1.0 / (365.0 * 48.0)  # years: the window of Deribit and Derive, which ends at 08:00 UTC on the expiry's day

EFFECTIVE_YEARS, WEIGHT, KNOWN, AGEING, FIXING = range(5)
SETTLEMENT_TERMS = 5

Eight = tuple[float, float, float, float, float, float, float, float]

_NOW = 1e-9  # of a sampling interval: a sample this near is taken
_COUNT = Rule(lambda x: (x >= 1.0) & (x < np.inf) & (x == np.floor(x)), "a whole number, 1 or more")
_FLAG = Rule(lambda x: (x == 0.0) | (x == 1.0), "0 for settlement in dollars or 1 for settlement in coins")
_ANYTHING = Rule(lambda x: np.isfinite(x) | np.isnan(x), "a number, or NaN outside the window")


class SettlementTerms(NamedTuple):
    """What the clock and the fixings so far mean for every option of an expiry, in the order the kernel takes.

    `effective_years` times vol^2 is the variance of what is still to come; `weight` w is its share of the average and
    `known` a what the rest contributes, in dollars; `ageing` is how fast effective years run out, per year; `fixing` is
    the share of the average that becomes known per year.
    """

    effective_years: Floats
    weight: Floats
    known: Floats
    ageing: Floats
    fixing: Floats


class SettlementGreeks(NamedTuple):
    """Value and Greeks, in the kernel's order and units: dollars for linear options, coins for inverse ones."""

    value: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    vanna: Floats
    volga: Floats


def settlement_terms(
    years: ArrayLike, window_years: ArrayLike = HALF_HOUR, samples: ArrayLike | None = None, average: ArrayLike | None = None
) -> SettlementTerms:
    """How far an average over the last `window_years` before expiry has come, `years` before expiry.

    `samples` None is a continuous average; n samples are taken at tau/n, 2 tau/n ... tau into the window tau, those not
    after now being fixed. `average` is the mean of what is fixed: needed inside the window, ignored before it. All
    broadcast and the terms have their shape. ValueError names an argument that will not do.

    Before the window, effective years are years - 2 tau/3; n samples give (T - tau) + tau (n+1)(2n+1)/(6 n^2). Inside,
    a third of the years left and w = years/tau; of r samples left, the next d away, d + (tau/n) (r-1)(2r-1)/(6r) and
    w = r/n. Effective years times w^2 is continuous in time throughout, at each fixing as well: there the value moves by
    less than the lognormal assumption errs anyway.

    For other kernels: a linear row is w times Black's on F at strike (K - a)/w and `effective_years`, where that strike
    is positive, else max(sign, 0) (a + w F - K), and from such a value V, its delta D, gamma G, vega and vanna a coin
    row is c = V/X, (D - w c)/X, (G - 2 w dc/dF)/X, vega/X, (vanna - w vega/X)/X, with volga and theta over X too.
    """
    given = {"years": years, "window_years": window_years, "samples": 1.0 if samples is None else samples}
    rules = {"window_years": POSITIVE, "samples": _COUNT, "average": _ANYTHING}
    shape, (t, window, n, mean) = columns(rules, **given, average=np.nan if average is None else average)
    if samples is None:
        first, length = np.maximum(t - window, 0.0), np.minimum(t, window)
        weight, count, inside = length / window, np.full(t.size, np.inf), (t < window) & (t > 0.0)
    else:
        interval = window / n
        left = np.minimum(np.ceil(t / interval - _NOW), n)
        length = np.maximum(left - 1.0, 0.0) * interval
        first = np.maximum(t - length, 0.0)
        weight, count, inside = left / n, np.maximum(left, 1.0), np.zeros(t.size, dtype=np.bool_)
    known = (1.0 - weight) * average_known(mean, weight < 1.0)
    ageing = np.where(inside, 1.0 / 3.0, np.where(weight > 0.0, 1.0, 0.0))
    fixing = np.where(inside, 1.0 / window, 0.0)
    effective = np.where(weight > 0.0, mean_years(first, length, count), 0.0)
    return SettlementTerms(*(shaped(each, shape) for each in (effective, weight, known, ageing, fixing)))


def settlement_average(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    vol: ArrayLike,
    sign: ArrayLike,
    window_years: ArrayLike = HALF_HOUR,
    samples: ArrayLike | None = None,
    average: ArrayLike | None = None,
    inverse: ArrayLike = False,
) -> SettlementGreeks:
    """Value and Greeks of an option on the average of the index over the last `window_years` before expiry.

    `years` runs to expiry, `forward` is of that expiry, `vol` annual; `samples` and `average` as in `settlement_terms`;
    `sign` +1 call, -1 put; `inverse` settles in coins, at the pay-off divided by the average. Arguments broadcast and
    the results have their shape. Units and meanings are those of `option_greeks`: delta is the derivative of the row's
    own value by the forward, so that of a coin row X * delta is the premium-adjusted delta w (N(s d1) s - V/X), which
    decays in the window as w does. Theta is dV/dt with the index at the forward, whose fixings then join the average.

    Error against `asian_arithmetic`, of taking the average for lognormal: it has less skew. At the worst strike within three
    deviations, at the window's start, that is 0.035 vol sqrt(window) of the value at the money (1.6e-4 at 60% vol and half
    an hour, two cents of a BTC option), at the money a thousand times less; a third less in mid-window, and a day
    before expiry nothing (1e-7). Dividing the average's value by X leaves out that the coins are paid at the last price, not
    at the average: less than vol^2 window/6 coins, 3.4e-6 at 60% vol, a thirtieth of Deribit's tick.
    ValueError names an argument that will not do. Sources: Deribit's and Derive's rules of settlement; Levy (1992).
    """
    rules = {"inverse": _FLAG}
    terms = settlement_terms(years, window_years, samples, average)
    given = {"forward": forward, "strike": strike, "vol": vol, "sign": sign, "inverse": inverse}
    shape, found = columns(rules | dict.fromkeys(terms._fields, NOT_NEGATIVE), **given, **terms._asdict())
    f, k, v, s, coin = (column.copy() for column in found[:5])
    out = np.empty((GREEKS, f.size))
    settlement_greeks(f, k, v, s, coin, np.stack(found[5:]), out)
    return SettlementGreeks(*(shaped(out[row], shape) for row in range(GREEKS)))


@compiled(fast=True, inlined=True, inner=True)
def _linear_row(f: float, k: float, vol: float, s: float, effective: float, weight: float) -> Eight:
    """In dollars: value, delta, gamma, vega, vanna, volga, s K N(s d2), s (N(s d1) - N(s d2)). `k` is net of `known`."""
    certain = k <= 0.0
    ahead = weight * f
    # A certain row is looked up at a strike in the money with no time left, and its few terms are put in by hand.
    struck = 0.5 * ahead if certain else k
    struck = struck if struck > 0.0 else 1.0
    root_years = 0.0 if certain else math.sqrt(effective)
    moneyness, call = logarithm(ahead / struck), max(s, 0.0)
    dollars, n1, cash_n2, density, d1, d2, steepness = black_terms(ahead, struck, moneyness, vol * root_years, s)
    per_vol = root_years * steepness
    vega = ahead * density * root_years
    return (
        call * (ahead - k) if certain else dollars,
        weight * (call if certain else s * n1),
        weight * density * steepness / f,
        vega,
        -weight * density * d2 * per_vol,
        vega * d1 * d2 * per_vol,
        call * k if certain else s * cash_n2,
        0.0 if certain else s * (n1 - cash_n2 / struck),
    )


@compiled(fast=True)
def settlement_greeks(
    forward: Floats, strike: Floats, vol: Floats, sign: Floats, inverse: Floats, terms: Floats, out: Floats
) -> None:
    """`option_greeks` for rows that settle on an average: value and Greeks of n rows into `out[:, :n]`, same order.

    Inputs as there, with `terms` (5, >= n), the `SettlementTerms` of each row, in the place of years: EFFECTIVE_YEARS,
    WEIGHT, KNOWN, AGEING, FIXING. A row that settles on no average has (years, 1, 0, 1, 0) and gets what `option_greeks`
    gives; a delta-one row (sign 0) is worth the average expected, X, or -1/X coins. Unknown forwards, 0, give zeros.
    """
    for i in range(forward.size):
        present, s = forward[i] > 0.0, sign[i]
        f = forward[i] if present else 1.0
        here = 1.0 if present else 0.0
        is_option, is_inverse = s != 0.0, inverse[i] != 0.0
        weight, known = terms[WEIGHT, i], terms[KNOWN, i]
        net = (strike[i] if is_option else f) - known
        row = _linear_row(f, net, vol[i], s, terms[EFFECTIVE_YEARS, i], weight)
        value, delta, gamma, vega, vanna, volga, cash_n2, between = row
        # X d(V/X)/dF = (a dV/dF + w s (K - a) N(s d2))/X, in which nothing cancels: X dV/dF - w V would.
        expected = known + weight * f
        per_coin = 1.0 / expected
        unit = per_coin if is_inverse else 1.0
        coin_delta = ((known * delta + weight * cash_n2) if is_option else weight) * per_coin * per_coin
        line_value = -per_coin if is_inverse else expected
        linear_gamma = gamma if is_option else 0.0
        per_year = 0.5 * vega * vol[i] / terms[EFFECTIVE_YEARS, i] if terms[EFFECTIVE_YEARS, i] > 0.0 else 0.0
        theta = -terms[AGEING, i] * per_year - terms[FIXING, i] * f * between
        curved = here if is_option else 0.0
        out[VALUE, i] = here * (value * unit if is_option else line_value)
        out[DELTA, i] = here * (coin_delta if is_inverse else (delta if is_option else weight))
        out[GAMMA, i] = here * ((linear_gamma - 2.0 * weight * coin_delta) * per_coin if is_inverse else linear_gamma)
        out[VEGA, i] = curved * vega * unit
        out[THETA, i] = curved * theta * unit
        out[VANNA, i] = curved * (vanna - (weight * vega * per_coin if is_inverse else 0.0)) * unit
        out[VOLGA, i] = curved * volga * unit
