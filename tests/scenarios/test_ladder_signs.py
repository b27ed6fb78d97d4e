"""What a position shows in the ladder. Spot is 100,000; options have a week or a month."""

import pytest

from flatbook.risk import ladder

# A sign per Greek of the one cell the position stands in; "." is none. Delta is the row's own: a coin option's is net of its
# premium. Coins and open notional stand outside the ladder.
POSITIONS = """
    position             expiry        bucket        delta  gamma  vega  theta
    --------------------------------------------------------------------------
    +1 BTC-PERP          spot & perps  futures       +      .      .     .
    -1 BTC-PERP          spot & perps  futures       -      .      .     .
    +10000 BTC-INVERSE   spot & perps  futures       +      .      .     .
    -10000 BTC-90D       <= 3m         futures       -      .      .     .
    +1 BTC-30D-100000-C  <= 1m         at the money  +      +      +     -
    -1 BTC-30D-100000-C  <= 1m         at the money  -      -      -     +
    +1 BTC-30D-100000-P  <= 1m         at the money  -      +      +     -
    -1 BTC-30D-80000-P   <= 1m         put <10Δ      +      -      -     +
    +1 BTC-7D-95000-P    <= 1w         put 10-25Δ    -      +      +     -
    +1 BTC-7D-95000-C    <= 1w         put 10-25Δ    +      +      +     -
    -1 BTC-7D-110000-C   <= 1w         call <10Δ     -      -      -     +
    -1 BTC-30D-110000-P  <= 1m         call 25-40Δ   +      -      -     +
"""

# Books of several rows: the sign of the whole book with its coins, and of its P&L when spot jumps and when vol rises.
BOOKS = """
    book                                     coins  delta  gamma  vega  down 20%  up 20%  vol +10
    ---------------------------------------------------------------------------------------------
    -                                          +10  +      .      .     -         +       .
    +1 BTC-PERP, -100000 BTC-INVERSE            -1  .      .      .     .         .       .
    +1 BTC-7D-100000-C, +1 BTC-7D-100000-P      +0  ?      +      +     +         +       +
    -1 BTC-7D-100000-C, -1 BTC-7D-100000-P      +0  ?      -      -     -         -       -
    +1 BTC-7D-90000-P, -1 BTC-7D-110000-C       +0  -      ?      ?     +         -       ?
    +1 BTC-7D-100000-C, -1 BTC-7D-110000-C      +0  +      +      +     -         +       ?
    +1 BTC-7D-100000-C, -1 BTC-7D-100000-P      +0  +      .      .     -         +       .
    +1 BTC-30D-100000-C, -1 BTC-7D-100000-C     +0  ?      -      +     ?         ?       +
"""


def sign(number: float, size: float) -> str:
    """What is less than a millionth of the position's size is none."""
    return "." if abs(number) <= 1e-6 * size else "+" if number > 0 else "-"


def book_of(text: str) -> dict[str, float]:
    return {symbol: float(quantity) for quantity, symbol in (part.split() for part in text.split(",") if part.strip() != "-")}


def test_each_position_shows_where_and_with_which_signs(world, table):
    for row in table(POSITIONS):
        world.held = book_of(row["position"])
        (cell,) = ladder(world.block, world.btc, world.marks, world.quantity())
        seen = [sign(number, 1.0) for number in (cell.delta_cash, cell.gamma_cash, cell.vega_cash, cell.theta_cash)]
        told = [row[name] for name in ("delta", "gamma", "vega", "theta")]
        assert (cell.expiry_bucket, cell.delta_bucket, seen) == (row["expiry"], row["bucket"], told), row["position"]


@pytest.mark.parametrize("vol", [0.4, 0.8])
def test_each_book_gains_and_loses_where_a_trader_says_it_does(make_world, table, vol):
    for row in table(BOOKS):
        world = make_world(vol=vol)
        world.held, world.coins = book_of(row["book"]), float(row["coins"])
        exposure = world.exposure()
        jumps = world.gains([-0.2, 0.2], [0.0])[:, 0]
        seen = {
            "delta": exposure.delta_cash,
            "gamma": exposure.gamma_cash,
            "vega": exposure.vega_cash,
            "down 20%": jumps[0],
            "up 20%": jumps[1],
            "vol +10": world.gains([0.0], [0.1]).item(),
        }
        for name, number in seen.items():
            if row[name] != "?":
                assert sign(number, 1e5) == row[name], f"{row['book']}: {name} is {number:,.2f}"
