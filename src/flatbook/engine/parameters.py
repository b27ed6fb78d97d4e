"""Everything a person decides about the desk, in one frozen record that the journal keeps."""

import msgspec

from flatbook.hedging import Hedging
from flatbook.instruments import Venue
from flatbook.limits import Limits
from flatbook.market import Delivery, Freshness, Rules, Smiles
from flatbook.quoting import Quoting
from flatbook.risk import FactorModel


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The engine's parameters. leads: by underlying, the `venue:symbol` whose mid is the reference price; the first
    perpetual listed where none is named.
    """

    venues: tuple[Venue, ...]
    leads: dict[str, str]
    freshness: Freshness
    smiles: Smiles
    delivery: Delivery
    factors: FactorModel
    quoting: Quoting
    hedging: Hedging
    limits: Limits

    @property
    def venue_by_name(self) -> dict[str, Venue]:
        """The venues by name."""
        return {venue.name: venue for venue in self.venues}

    @property
    def market_rules(self) -> Rules:
        """What the market room is read by."""
        return Rules(self.freshness, self.smiles, self.delivery)


def encode_parameters(parameters: Parameters) -> bytes:
    """The parameters as the journal's `Configured` event carries them."""
    return msgspec.msgpack.encode(parameters)


def decode_parameters(data: bytes) -> Parameters:
    """The parameters of a `Configured` event."""
    return msgspec.msgpack.decode(data, type=Parameters)
