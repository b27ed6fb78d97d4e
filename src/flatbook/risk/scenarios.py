"""What the book would be worth after a jump: full revaluation on a grid."""

import numpy as np

from flatbook.basics import Floats
from flatbook.instruments import Block
from flatbook.market import UnderlyingMarket
from flatbook.pricing import scenario_values
from flatbook.risk.record import UnderlyingRisk


def scenario_grid(
    block: Block,
    market: UnderlyingMarket,
    risk: UnderlyingRisk,
    quantity: Floats,
    coin_balance: float,
    spot_moves: Floats,
    vol_moves: Floats,
) -> Floats:
    """P&L in dollars, shape (spot moves, vol moves), of one underlying's positions and coins, time standing still.

    `spot_moves` are relative and move every forward alike; `vol_moves` are added to every vol. `coin_balance` is cash and
    open notional in the coin: it gains with spot in every column. Of an average that has begun only the open part moves.
    """
    size = block.size
    grid = np.zeros((spot_moves.shape[0], vol_moves.shape[0]))
    scenario_values(
        market.forward[:size],
        risk.strike[:size],
        risk.years[:size],
        market.vol[:size],
        block.sign[:size],
        block.inverse[:size],
        quantity[:size] * risk.open_part[:size],
        market.unit_price[:size],
        spot_moves,
        vol_moves,
        grid,
    )
    return grid + coin_balance * market.spot * spot_moves[:, None]
