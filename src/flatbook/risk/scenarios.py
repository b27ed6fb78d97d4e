"""What the book would be worth after a jump: full revaluation on a grid."""

import numpy as np

from flatbook.basics import Floats
from flatbook.instruments import Block
from flatbook.market import UnderlyingMarket
from flatbook.pricing import GREEKS, LOWEST_VOL, VALUE, option_greeks, scenario_values
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

    `spot_moves` are relative and move every forward alike; `vol_moves` are added to every vol, on top of what the chosen dynamics
    make of a vol while its forward moves. `coin_balance` is cash and open notional in the coin: it gains with spot in every
    column. Of an average that has begun only the open part moves.
    """
    size = block.size
    vol, slope = market.vol[:size], market.surface.slope[:size]
    grid = np.zeros((spot_moves.shape[0], vol_moves.shape[0]))
    if not slope.any():
        _gains(block, market, risk, quantity, vol, spot_moves, vol_moves, grid)
    else:
        before = _worth(block, market, risk, quantity, vol)
        for place in range(spot_moves.shape[0]):
            moved = np.maximum(vol + slope * np.log1p(spot_moves[place]), LOWEST_VOL)
            row = grid[place : place + 1]
            _gains(block, market, risk, quantity, moved, spot_moves[place : place + 1], vol_moves, row)
            row += _worth(block, market, risk, quantity, moved) - before
    return grid + coin_balance * market.spot * spot_moves[:, None]


def _gains(
    block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, quantity: Floats, vol: Floats,
    spot_moves: Floats, vol_moves: Floats, out: Floats,
) -> None:  # fmt: skip
    """What the positions gain in each cell against now at these vols, into `out`."""
    size = block.size
    scenario_values(
        market.forward[:size],
        risk.strike[:size],
        risk.years[:size],
        vol,
        block.sign[:size],
        block.inverse[:size],
        quantity[:size] * risk.open_part[:size],
        market.unit_price[:size],
        spot_moves,
        vol_moves,
        out,
    )


def _worth(block: Block, market: UnderlyingMarket, risk: UnderlyingRisk, quantity: Floats, vol: Floats) -> float:
    """Dollars that the positions are worth now at these vols."""
    size = block.size
    greeks = np.empty((GREEKS, size))
    option_greeks(
        market.forward[:size], risk.strike[:size], risk.years[:size], vol, block.sign[:size], block.inverse[:size], greeks
    )
    held = quantity[:size] * risk.open_part[:size] * market.unit_price[:size]
    return float(held @ np.where(quantity[:size] != 0.0, greeks[VALUE], 0.0))
