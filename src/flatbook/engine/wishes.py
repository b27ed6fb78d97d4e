"""What the desk would like to send, before the gate has seen it."""

import msgspec

from flatbook.engine.state import State
from flatbook.orders import Request


class Wished(msgspec.Struct, frozen=True):
    """A request that waits for the gate. `underlying` is the block's index."""

    underlying: int
    request: Request


def target_cash(state: State, index: int) -> float:
    """The delta that hedging aims at, in dollars."""
    name = state.universe.blocks[index].underlying
    return state.parameters.hedging.target_coins.get(name, 0.0) * state.market.underlyings[index].spot
