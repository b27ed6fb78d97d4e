"""Contracts: what a row of the universe is a right to."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from functools import lru_cache

import msgspec

from flatbook.basics import Side, exact

CALL = 1
PUT = -1


class Spot(msgspec.Struct, frozen=True, tag="spot"):
    """`underlying` bought outright with `quote`. Quantity in coins; holding it is a wallet balance, not a position."""

    venue: str
    symbol: str
    underlying: str
    quote: str
    tick: Decimal
    lot: Decimal

    @property
    def settlement(self) -> str:
        """The asset that changes hands against the coin."""
        return self.quote

    @property
    def inverse(self) -> bool:
        """Never: spot is paid in its quote asset."""
        return False


class Perpetual(msgspec.Struct, frozen=True, tag="perpetual"):
    """A future without expiry, held to the index by funding.

    Inverse: quantity in dollars, settled in the coin. Linear: quantity in coins, settled in `settlement`.
    """

    venue: str
    symbol: str
    underlying: str
    quote: str
    settlement: str
    tick: Decimal
    lot: Decimal
    inverse: bool = False


class Future(msgspec.Struct, frozen=True, tag="future"):
    """A dated future; units as for Perpetual. Settled at `expiry_ns` by the index average."""

    venue: str
    symbol: str
    underlying: str
    quote: str
    settlement: str
    tick: Decimal
    lot: Decimal
    expiry_ns: int
    inverse: bool = False


class Option(msgspec.Struct, frozen=True, tag="option"):
    """A European option on the future of its expiry. Quantity in coins.

    `sign` is CALL (+1) or PUT (-1). Inverse: premium and pay-off in coins; linear: in `settlement`.
    `strike` in `quote` per coin. `wide_tick` applies to prices above `wide_above` (Deribit's tick steps).
    """

    venue: str
    symbol: str
    underlying: str
    quote: str
    settlement: str
    tick: Decimal
    lot: Decimal
    expiry_ns: int
    strike: Decimal
    sign: int
    inverse: bool = False
    wide_tick: Decimal | None = None
    wide_above: Decimal | None = None


Contract = Spot | Perpetual | Future | Option


def contract_key(contract: Contract) -> str:
    """`venue:symbol`, unique over all venues."""
    return f"{contract.venue}:{contract.symbol}"


def expiry_of(contract: Contract) -> int:
    """The expiry instant in ns; 0 for spot and perpetuals, which have none."""
    return contract.expiry_ns if isinstance(contract, Future | Option) else 0


def tick_at(contract: Contract, price: float | Decimal) -> Decimal:
    """The price step in force at `price`."""
    if isinstance(contract, Option) and contract.wide_tick is not None and contract.wide_above is not None:
        return contract.wide_tick if price > contract.wide_above else contract.tick
    return contract.tick


def price_on_tick(contract: Contract, price: float, side: Side | None = None) -> Decimal:
    """`price` on the contract's grid: rounded down for a buy, up for a sell, to the nearest when no side is given.

    Rounding away from the market means that the grid never gives away edge.
    """
    tick = tick_at(contract, price)
    if side is None:
        return round(price / float(tick)) * tick  # the usual road: a quote's target lies on the grid already
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (exact(price) / tick).to_integral_value(rounding) * tick


def quantity_on_lot(contract: Contract, quantity: float) -> Decimal:
    """The largest whole number of lots not above `quantity` (unsigned)."""
    return _whole_lots(quantity, contract.lot)


@lru_cache(maxsize=4096)  # quoted sizes are few and asked for all day
def _whole_lots(quantity: float, lot: Decimal) -> Decimal:
    # A float an ulp below a whole lot is that whole lot: 0.3/0.1 must give three.
    lots = (exact(quantity) / lot).quantize(Decimal("1e-9")).to_integral_value(ROUND_DOWN)
    return lots * lot
