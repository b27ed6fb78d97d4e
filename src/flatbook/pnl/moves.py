"""What a move of the market did to the worth of what we hold."""

from flatbook.basics import Floats
from flatbook.pnl.record import CAPITAL, DELTA, GAMMA, RESIDUAL, THETA, VANNA, VEGA, VOLGA, Pnl, add
from flatbook.pricing import VALUE, compiled


@compiled
def explain(
    quantity: Floats,
    old_greeks: Floats,
    new_value: Floats,
    old_forward: Floats,
    new_forward: Floats,
    old_vol: Floats,
    new_vol: Floats,
    years_elapsed: float,
    old_unit_price: Floats,
    new_unit_price: Floats,
    out_terms: Floats,
) -> None:
    """Split A1 q (v1 - v0) by the Greeks of before, slot by slot, and add the parts to `out_terms` in dollars.

    `old_greeks` is (7, n): value, delta, gamma, vega, theta, vanna, volga in settlement units per unit of contract.
    The other columns are (n,), forwards in dollars and vols as decimals. v_F dF is delta, v_FF dF^2/2 gamma, and so on
    to second order in forward and vol and first in time; what these miss is the residual, so the split is exact. Delta
    is valued at the unit price of before, A0, and (A1 - A0) v_F dF goes to gamma, so that a coin-settled row's delta
    and gamma are those of its dollars. The rest of the unit's move, v0 (A1 - A0), is translation, explained for balances
    and positions together.
    """
    for slot in range(quantity.shape[0]):
        if quantity[slot] == 0.0:
            continue
        usd = new_unit_price[slot] * quantity[slot]
        forward_move = new_forward[slot] - old_forward[slot]
        vol_move = new_vol[slot] - old_vol[slot]
        move = quantity[slot] * old_greeks[DELTA, slot] * forward_move
        by_delta = old_unit_price[slot] * move
        # What the move earned is itself worth more or less by the unit's own move: of second order, and so gamma.
        across = (new_unit_price[slot] - old_unit_price[slot]) * move
        by_gamma = usd * old_greeks[GAMMA, slot] * 0.5 * forward_move * forward_move + across
        by_vega = usd * old_greeks[VEGA, slot] * vol_move
        by_theta = usd * old_greeks[THETA, slot] * years_elapsed
        by_vanna = usd * old_greeks[VANNA, slot] * forward_move * vol_move
        by_volga = usd * old_greeks[VOLGA, slot] * 0.5 * vol_move * vol_move
        explained = by_delta + by_gamma + by_vega + by_theta + by_vanna + by_volga
        out_terms[DELTA] += by_delta
        out_terms[GAMMA] += by_gamma
        out_terms[VEGA] += by_vega
        out_terms[THETA] += by_theta
        out_terms[VANNA] += by_vanna
        out_terms[VOLGA] += by_volga
        out_terms[RESIDUAL] += usd * (new_value[slot] - old_greeks[VALUE, slot]) - explained


def explain_translation(
    pnl: Pnl, underlying: int, asset_quantity: float, target_quantity: float, old_price: float, new_price: float
) -> None:
    """What a move of a settlement asset's price did to everything counted in it.

    `asset_quantity` is the house's equity in the asset at the old marks: balances and open futures from the ledger
    plus the value of positions settled in it. What exceeds the target is a bet and goes to delta; the target is
    capital we chose to hold. A stablecoin belongs to no underlying and usually has no target.
    """
    move = new_price - old_price
    add(pnl, underlying, DELTA, (asset_quantity - target_quantity) * move)
    add(pnl, underlying, CAPITAL, target_quantity * move)
