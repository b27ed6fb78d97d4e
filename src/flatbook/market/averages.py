"""The index average that expiring options will be settled at, as far as it is known, and what it leaves of them.

Before the window opens an option on the average has less variance ahead of it than its life says: with T years to go and a
window of tau, vol^2 (T - 2 tau/3). Inside the window a part 1 - T/tau of the average is fixed. What is left is an
option on the average of the rest, with variance vol^2 T/3, strike (K - fixed)/weight, and weight T/tau.
"""

import msgspec
import numpy as np

from flatbook.basics import NS_PER_DAY, NS_PER_YEAR, Flags, Floats, Ints, grown
from flatbook.pricing import compiled

_COVERED_ENOUGH = 0.98  # of the window so far; below it the average is a guess, and its rows are not trusted


def _no_floats() -> Floats:
    return np.zeros(0)


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_flags() -> Flags:
    return np.zeros(0, dtype=np.bool_)


class Averages(msgspec.Struct):
    """How far the averages that expiries settle at have come, by tenor.

    life: the calendar's, in years; years: what of it an option's variance counts; weight: the part of the average still
    open, 1 before the window; fixed: what the closed part contributes to the average, dollars; opened_ns: when the window
    opened, 0 before; known: whether the index was heard all through the window so far; averaged: whether `years` already
    counts the window, as it does from the last day on. integral: dollar-years of index within the window; covered: years
    of it that were heard. seen_ns: up to when; alive_until_ns: how long the index of then may be believed if nothing more
    is heard.
    """

    life: Floats = msgspec.field(default_factory=_no_floats)
    years: Floats = msgspec.field(default_factory=_no_floats)
    weight: Floats = msgspec.field(default_factory=_no_floats)
    fixed: Floats = msgspec.field(default_factory=_no_floats)
    integral: Floats = msgspec.field(default_factory=_no_floats)
    covered: Floats = msgspec.field(default_factory=_no_floats)
    opened_ns: Ints = msgspec.field(default_factory=_no_ints)
    known: Flags = msgspec.field(default_factory=_no_flags)
    averaged: Flags = msgspec.field(default_factory=_no_flags)
    seen_ns: int = 0
    alive_until_ns: int = 0

    def widen(self, tenors: int) -> None:
        """Make room for `tenors` expiries."""
        self.life = grown(self.life, tenors, 0.0)
        self.years, self.fixed = grown(self.years, tenors, 0.0), grown(self.fixed, tenors, 0.0)
        self.weight = grown(self.weight, tenors, 1.0)
        self.integral, self.covered = grown(self.integral, tenors, 0.0), grown(self.covered, tenors, 0.0)
        self.opened_ns = grown(self.opened_ns, tenors, 0)
        self.known, self.averaged = grown(self.known, tenors, True), grown(self.averaged, tenors, False)


def renew_averages(averages: Averages, expiries: Ints, spot: float, window_ns: int, now_ns: int) -> Floats:
    """Bring the averages up to `now_ns`, the index having stood at `spot` since they were last seen, as far as it was believed.

    Returns by tenor how vols must be scaled for prices to stay: 1, except at the one step where the window begins to count.
    """
    scale = np.ones(expiries.shape[0])
    _renew(
        averages.seen_ns, now_ns, averages.alive_until_ns, window_ns, spot, expiries, averages.integral, averages.covered,
        averages.life, averages.years, averages.weight, averages.fixed, averages.opened_ns, averages.known,
        averages.averaged, scale,
    )  # fmt: skip
    averages.seen_ns = now_ns
    return scale


@compiled
def _renew(
    seen_ns: int, now_ns: int, alive_until_ns: int, window_ns: int, spot: float, expiries: Ints,
    integral: Floats, covered: Floats, life_left: Floats, years: Floats, weight: Floats, fixed: Floats,
    opened_at: Ints, known: Flags, averaged: Flags, scale: Floats,
) -> None:  # fmt: skip
    """`renew_averages` on columns."""
    window = window_ns / NS_PER_YEAR
    for tenor in range(expiries.size):
        life_ns = expiries[tenor] - now_ns
        life = max(float(life_ns), 0.0) / NS_PER_YEAR
        life_left[tenor], years[tenor], weight[tenor], fixed[tenor], opened_at[tenor] = life, life, 1.0, 0.0, 0
        if window_ns == 0 or life_ns > max(NS_PER_DAY, window_ns) or life_ns < -NS_PER_DAY:
            continue
        opened_ns = expiries[tenor] - window_ns
        heard = float(min(now_ns, alive_until_ns, expiries[tenor]) - max(seen_ns, opened_ns)) / NS_PER_YEAR
        if heard > 0.0 and spot > 0.0 and seen_ns > 0:
            integral[tenor] += spot * heard
            covered[tenor] += heard
        if life_ns >= window_ns:
            years[tenor] = life - window * (2.0 / 3.0)
        else:
            years[tenor] = life / 3.0
            known[tenor] = covered[tenor] >= _COVERED_ENOUGH * (window - life)
            average = integral[tenor] / covered[tenor] if covered[tenor] > 0.0 else spot
            if average > 0.0:  # before any price is known there is nothing to call fixed
                weight[tenor], opened_at[tenor] = life / window, opened_ns
                fixed[tenor] = average * (1.0 - weight[tenor])
        if not averaged[tenor] and years[tenor] > 0.0:
            scale[tenor] = np.sqrt(life / years[tenor])
            averaged[tenor] = True
