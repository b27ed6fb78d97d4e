"""What a person decides about reading the market: how long a word is good, where vols come from, how expiries settle."""

from typing import Literal, NamedTuple

import msgspec

from flatbook.basics import NS_PER_MINUTE, NS_PER_SECOND, NotNegative, Positive

Dynamics = Literal["sticky_strike", "sticky_delta", "sticky_local"]


class Freshness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ages in seconds beyond which a number is stale: tops of futures, perpetuals and spot; option tickers; indices."""

    top_s: Positive
    option_s: Positive
    index_s: Positive

    @property
    def top_ns(self) -> int:
        """The age limit of a delta-one top."""
        return round(self.top_s * NS_PER_SECOND)

    @property
    def option_ns(self) -> int:
        """The age limit of an option's ticker."""
        return round(self.option_s * NS_PER_SECOND)

    @property
    def index_ns(self) -> int:
        """The age limit of an index."""
        return round(self.index_s * NS_PER_SECOND)


class Smiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where vols come from and how they move between two fits.

    source: "quotes" fits bids and asks, free of arbitrage, and falls back on the venue's mark vols where that fails; "marks"
    takes the venue's vols as they are. dynamics: what a strike's vol does while the forward moves; it enters every delta.
    refit_s: an expiry is fitted at most this often.
    """

    source: Literal["quotes", "marks"]
    dynamics: Dynamics
    refit_s: NotNegative

    @property
    def refit_ns(self) -> int:
        """The least time between two fits of one expiry."""
        return round(self.refit_s * NS_PER_SECOND)


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How options are settled: at the index averaged over the last `average_min` minutes before expiry; 0 for the last index."""

    average_min: NotNegative

    @property
    def average_ns(self) -> int:
        """The length of the averaging window."""
        return round(self.average_min * NS_PER_MINUTE)


class Rules(NamedTuple):
    """The three together, as the market room reads them."""

    freshness: Freshness
    smiles: Smiles
    delivery: Delivery
