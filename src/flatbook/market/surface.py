"""Where the vols of one underlying stand: a slice by tenor, and by slot how sure a vol is and how old."""

import msgspec
import numpy as np

from flatbook.basics import Flags, Floats, Ints, grown

UNKNOWN, FITTED, REPAIRED, BORROWED, MARKED, KEPT = range(6)
SMILE_STATES = ("unknown", "fitted", "repaired", "borrowed", "marks", "kept")
"""Nothing known yet; fitted to quotes; fitted and moved to be free of arbitrage; shaped like its neighbours; drawn through the
venue's mark vols, by choice or because quotes could not be fitted; nothing to go by, so the last vols stay and grow old."""

NEVER_NS = 2**62
_SHAPE = 5


def _no_floats() -> Floats:
    return np.zeros(0)


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_flags() -> Flags:
    return np.zeros(0, dtype=np.bool_)


def _no_slices() -> Floats:
    return np.zeros((_SHAPE, 0))


def _no_ends() -> Floats:
    return np.zeros((2, 0))


class Surface(msgspec.Struct):
    """The smiles of one underlying.

    By tenor: slices, (5, tenors), raw SVI a, b, rho, m, sigma of total variance over the years that `Averages` counts, NaN where
    there is none; ends, (2, tenors), the k = ln(strike / forward) between which it is quoted; state, one of the constants;
    reason, why it is not simply fitted; forward, dollars, years and fit_ns, of the last fit; rmse, decimal vols of mids about
    the slice; inside, the share of quotes whose bid and ask hold the slice.
    By slot: uncertainty, how far the vol may be off, decimal; slope, d vol / d ln F by the chosen dynamics; vol_ns, when the
    newest word behind the vol was told, 0 for never; outlying, whether the row's quote was left out as unbelievable.
    dynamics: the choice that slopes were made by. dirty: tenors with news that is not fitted yet; next_fit_ns: when the next
    of them may be.
    """

    slices: Floats = msgspec.field(default_factory=_no_slices)
    ends: Floats = msgspec.field(default_factory=_no_ends)
    state: Ints = msgspec.field(default_factory=_no_ints)
    reason: dict[int, str] = {}
    forward: Floats = msgspec.field(default_factory=_no_floats)
    years: Floats = msgspec.field(default_factory=_no_floats)
    fit_ns: Ints = msgspec.field(default_factory=_no_ints)
    rmse: Floats = msgspec.field(default_factory=_no_floats)
    inside: Floats = msgspec.field(default_factory=_no_floats)
    uncertainty: Floats = msgspec.field(default_factory=_no_floats)
    slope: Floats = msgspec.field(default_factory=_no_floats)
    vol_ns: Ints = msgspec.field(default_factory=_no_ints)
    outlying: Flags = msgspec.field(default_factory=_no_flags)
    dynamics: str = "sticky_strike"
    dirty: list[bool] = []
    next_fit_ns: int = NEVER_NS

    def widen(self, tenors: int, capacity: int) -> None:
        """Make room for `tenors` expiries and `capacity` slots."""
        self.slices = grown(self.slices, tenors, float("nan"))
        self.ends = grown(self.ends, tenors, 0.0)
        self.state, self.fit_ns = grown(self.state, tenors, UNKNOWN), grown(self.fit_ns, tenors, 0)
        self.forward, self.years = grown(self.forward, tenors, 0.0), grown(self.years, tenors, 0.0)
        self.rmse, self.inside = grown(self.rmse, tenors, 0.0), grown(self.inside, tenors, 0.0)
        self.uncertainty, self.slope = grown(self.uncertainty, capacity, 0.0), grown(self.slope, capacity, 0.0)
        self.vol_ns, self.outlying = grown(self.vol_ns, capacity, 0), grown(self.outlying, capacity, False)
        while len(self.dirty) < tenors:
            self.dirty.append(False)
