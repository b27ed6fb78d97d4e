"""What a person chooses about quoting. No figure has a default: each is somebody's decision."""

from typing import Literal

import msgspec

from flatbook.basics import Fraction, NotNegative, Positive, PositiveCount


class Quoting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The quoting policy.

    venues: where we quote. kinds: of `option`, `perpetual`, `future`, `spot`. size_coins: quoted size by underlying.
    edge_vol_points: 1/k of fill intensity for options, in vol points; edge_bps: the same for the rest, in basis points.
    Options are quoted between |Black delta| min_delta and max_delta and from min_days to max_days of life.
    hedge_share: the part of a fill's delta expected to be hedged by taking. stale_vol_points, stale_bps: the charge as a
    row's last word reaches its age limit, growing linearly from none. tolerance: the fraction of the half-spread
    that a target may move away from a working quote before it is amended; towards the market half of it.
    requests_per_s, burst: the budget of places and amends; cancels are never budgeted.
    """

    venues: tuple[str, ...]
    kinds: tuple[Literal["option", "perpetual", "future", "spot"], ...]
    size_coins: dict[str, NotNegative]
    edge_vol_points: NotNegative
    edge_bps: NotNegative
    min_delta: Fraction
    max_delta: Fraction
    min_days: NotNegative
    max_days: Positive
    hedge_share: Fraction
    stale_vol_points: NotNegative
    stale_bps: NotNegative
    tolerance: NotNegative
    requests_per_s: Positive
    burst: PositiveCount
