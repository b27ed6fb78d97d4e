"""Why a quote stands where it stands."""

from flatbook.quoting.record import FAIR, LEAN, PARTS, UnderlyingQuotes

PART_NAMES = ("fair", "lean", "intensity", "curvature", "hedge", "fee", "staleness", "rounding")


def explain(quotes: UnderlyingQuotes, slot: int, side: int, price: float) -> dict[str, float]:
    """The parts of a quote at `price` on `side` (+1 bid, -1 offer), signed so that they sum to it exactly.

    Price unit of the contract. `rounding` is what the tick, the market's own top and a tolerated drift account for.
    """
    named = {
        name: float(quotes.parts[part, slot]) * (1.0 if part in (FAIR, LEAN) else -side)
        for part, name in zip(range(PARTS), PART_NAMES, strict=False)
    }
    named["rounding"] = price - sum(named.values())
    return named
