"""Venues: where contracts trade and wallets live."""

import msgspec

from flatbook.instruments.fees import FeeSchedule


class Venue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A venue as the desk knows it. Its wallet bears its name: one wallet a venue, until accounts are split."""

    name: str
    fees: FeeSchedule
