"""How far delta is off, how long a hedge has waited, and what is done. The touch is 99,999.5 / 100,000.5."""

import pytest

from flatbook.basics import NS_PER_SECOND
from flatbook.hedging import HedgeRow, Hedging, UnderlyingHedge, decide_hedge

# Coins from target (long is positive), band 1 coin, aim at half the band, patience 10 s, urgent beyond 3 bands, one order of
# at most 5 coins, 5 basis points through the touch. `ours` is where our hedge rests, `for` how many seconds it has.
ACTIONS = """
    off target      ours  for  patience spent  what is done                       left off
    --------------------------------------------------------------------------------------
           0.0         -    0  no              wait                                      -
           0.9         -    0  no              wait                                      -
          -1.0         -    0  no              wait                                      -
           1.5         -    0  no              rest: sell 1.0 at 100000.5              0.5
          -1.5         -    0  no              rest: buy 1.0 at 99999.5               -0.5
           1.5         -    0  yes             cross: sell 1.0 at 99949.50             0.5
          -1.5         -    0  yes             cross: buy 1.0 at 100050.50            -0.5
           3.5         -    0  no              cross: sell 3.0 at 99949.50             0.5
           9.0         -    0  no              cross: sell 5.0 at 99949.50             4.0
           1.5  100000.5    5  no              wait                                      -
           1.5  100003.0    5  no              move to 100000.5                          -
           1.5  100000.0    5  no              wait                                      -
          -1.5   99990.0    5  no              move to 99999.5                           -
           1.5  100000.5   11  no              cancel: patience is spent                 -
           0.8  100000.5    5  no              cancel: delta is back in its band         -
           3.5  100000.5    5  no              cancel: patience is spent                 -
"""

POLICY = Hedging(
    ("beta",), {"BTC": 0.0}, {"BTC": 0.1}, {"BTC": 5.0}, aim=0.5, patience_s=10.0, urgent=3.0, slippage_bps=5.0
)  # fmt: skip
ROW = HedgeRow(row=0, slot=0, bid=99_999.5, ask=100_000.5, cost_rate=0.0005)
NOW_NS = 1_000 * NS_PER_SECOND


def said(wish) -> str:
    match wish and wish.action:
        case None:
            return "wait"
        case "cancel":
            return f"cancel: {wish.reason}"
        case "move":
            return f"move to {wish.price:.1f}"
        case action:
            price = f"{wish.price:.2f}" if action == "cross" else f"{wish.price:.1f}"
            return f"{action}: {wish.side.word} {wish.coins:.1f} at {price}"


def test_each_case_is_met_as_the_table_says(table):
    for row in table(ACTIONS):
        gap = float(row["off target"])
        resting = None if row["ours"] == "-" else float(row["ours"])
        state = UnderlyingHedge(
            band=1.0, cross_next=row["patience spent"] == "yes", resting_since_ns=NOW_NS - int(row["for"]) * NS_PER_SECOND
        )
        wish = decide_hedge(POLICY, state, ROW, gap, 5.0, resting, NOW_NS)
        assert said(wish) == row["what is done"], row
        if row["left off"] != "-":
            assert gap + wish.side * wish.coins == pytest.approx(float(row["left off"])), row
