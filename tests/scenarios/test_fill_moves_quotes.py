"""A fill, and which way it shades every other quote: `down` lowers bid and offer, `up` raises both."""

import pytest

from flatbook.pricing import VALUE
from flatbook.quoting.record import LEAN

# Spot and vol move against each other a little (correlation -0.2), as coins do: so a book that is long vega alone wants
# some spot to go with it. Coins paid and received for premium are counted.
FILLS = """
    filled                                      PERP  INVERSE  90D   90000-C  100000-C  110000-C  90000-P  100000-P  7D-110000-C
    ----------------------------------------------------------------------------------------------------------------------------
    +2 BTC-PERP                                 down  down     down  down     down      down      up       up        down
    -2 BTC-PERP                                 up    up       up    up       up        up        down     down      up
    +200000 BTC-INVERSE                         down  down     down  down     down      down      up       up        down
    +20 BTC-30D-100000-C                        down  down     down  down     down      down      up       up        down
    -20 BTC-30D-100000-C                        up    up       up    up       up        up        down     down      up
    +20 BTC-30D-100000-P                        up    up       up    up       up        up        down     down      up
    -20 BTC-7D-95000-P                          down  down     down  down     down      down      up       up        down
    +20 BTC-30D-100000-C, hedged in BTC-PERP    up    up       up    down     down      down      down     down      down
    -20 BTC-30D-100000-P, hedged in BTC-PERP    down  down     down  up       up        up        up       up        up
    +20 BTC-7D-110000-C, hedged in BTC-INVERSE  up    up       up    down     down      down      down     down      down
"""

COLUMNS = {
    "PERP": "BTC-PERP",
    "INVERSE": "BTC-INVERSE",
    "90D": "BTC-90D",
    "90000-C": "BTC-30D-90000-C",
    "100000-C": "BTC-30D-100000-C",
    "110000-C": "BTC-30D-110000-C",
    "90000-P": "BTC-30D-90000-P",
    "100000-P": "BTC-30D-100000-P",
    "7D-110000-C": "BTC-7D-110000-C",
}


def fill(world, symbol: str, quantity: float) -> None:
    """Bought at fair and, where it settles in the coin, paid for in coin."""
    world.held[symbol] = world.held.get(symbol, 0.0) + quantity
    slot = world.slot(symbol)
    world.coins -= quantity * world.marks.greeks.item(VALUE, slot) * world.block.inverse[slot]


def test_each_fill_shades_every_quote_the_way_a_trader_would(make_world, table, quoting_policy, factor_model):
    for row in table(FILLS):
        world = make_world()
        first, _, hedged = row["filled"].partition(", hedged in ")
        quantity, symbol = first.split()
        fill(world, symbol, float(quantity))
        if hedged:
            fill(world, hedged, -world.exposure().delta_cash / (1.0 if hedged == "BTC-INVERSE" else 100_000.0))
            assert world.exposure().delta_cash == pytest.approx(0.0, abs=1e-3)
        world.quote(quoting_policy(), factor_model())
        seen = {name: "down" if world.quoted.parts[LEAN, world.slot(COLUMNS[name])] < 0.0 else "up" for name in COLUMNS}
        assert seen == {name: row[name] for name in COLUMNS}, row["filled"]


def test_the_row_that_was_filled_is_leant_on_hardest(make_world, quoting_policy, factor_model):
    for symbol in ("BTC-30D-90000-P", "BTC-30D-100000-C", "BTC-30D-110000-C"):
        world = make_world()
        fill(world, symbol, 20.0)
        world.quote(quoting_policy(), factor_model(spot_vol_correlation=0.0))
        leans = {
            name: abs(world.quoted.parts[LEAN, world.slot(name)])
            for name in (f"BTC-30D-{strike}-{symbol[-1]}" for strike in (90_000, 95_000, 100_000, 105_000, 110_000))
        }
        same_kind_nearby = [name for name in leans if leans[name] >= 0.2 * leans[symbol]]
        assert symbol in same_kind_nearby
        assert len(same_kind_nearby) >= 3
