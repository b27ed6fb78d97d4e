"""From measures to wishes: what quoting and hedging would like to do."""

import numpy as np

from flatbook.engine.hedge import hedge_wishes
from flatbook.engine.quote import quote_wishes
from flatbook.engine.state import State, raise_alert
from flatbook.engine.wishes import Wished, target_cash
from flatbook.risk import HoldingCost, holding_cost


def decide(state: State, worked: list[int]) -> list[Wished]:
    """What the desk would like to send, hedges before quotes, for the underlyings that were worked on in this step."""
    wishes: list[Wished] = []
    if not worked or not state.ledger.count:
        return wishes  # a desk that has not heard of any money of its own does not trade
    cost = cost_of_holding(state)
    for index in worked:
        if state.market.underlyings[index].reference > 0.0:
            wishes += hedge_wishes(state, index)
    _end_flattening(state)
    for index in worked:
        if state.market.underlyings[index].reference > 0.0:
            wishes += quote_wishes(state, index, cost)
    return wishes


def _end_flattening(state: State) -> None:
    """Flattening is over when every delta has come within a lot of its target; the desk stays paused."""
    if state.breaker.flattening and all(hedge.flat for hedge in state.hedges.underlyings):
        state.breaker.flattening = False
        raise_alert(state, "info", f"flat {state.sequence}", "every delta is within a lot of its target; the desk stays paused")


def cost_of_holding(state: State) -> HoldingCost:
    """The holding cost of the book measured from the target, and its gradient."""
    entries = state.risk.underlyings
    targets = [target_cash(state, index) for index in range(len(entries))]
    delta = np.array([entry.exposure.delta_cash - target for entry, target in zip(entries, targets, strict=True)])
    vega = np.array([entry.exposure.vega_level for entry in entries])
    return holding_cost(state.parameters.factors, state.covariance, delta, vega)
