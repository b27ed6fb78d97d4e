"""From targets to the fewest changes of working quotes."""

import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.pricing import compiled
from flatbook.quoting.record import CURVATURE, FEE, HEDGE, INTENSITY, STALENESS, UnderlyingQuotes

KEEP, PLACE, AMEND, CANCEL = 0, 1, 2, 3


def wanted_changes(
    quotes: UnderlyingQuotes,
    size: int,
    tolerance: float,
    working_id: Ints,
    working_price: Floats,
    working_quantity: Floats,
    busy: Flags,
    now_ns: int,
) -> tuple[Ints, Ints, Ints]:
    """The changes worth sending: arrays of action, side (0 bid, 1 offer) and slot, the most urgent first.

    Cancels come first, then what stands too near the market, then the rest by distance. A quote that moved less than its
    tolerance keeps its place in the queue; one with a request in flight is left alone. A quote filled below half is topped up.
    """
    actions = np.empty(2 * size, dtype=np.int64)
    places = np.empty(2 * size, dtype=np.int64)
    urgency = np.empty(2 * size, dtype=np.float64)
    count = _differences(
        quotes.target, quotes.parts, quotes.tick, tolerance, working_id, working_price, working_quantity, quotes.quantity, busy,
        quotes.held_until_ns, now_ns, size, actions, places, urgency,
    )  # fmt: skip
    order = np.argsort(-urgency[:count], kind="stable")
    chosen = places[:count][order]
    return actions[:count][order], chosen % 2, chosen // 2


@compiled
def _differences(
    target: Floats,
    parts: Floats,
    tick: Floats,
    tolerance: float,
    working_id: Ints,
    working_price: Floats,
    working_quantity: Floats,
    full_quantity: Floats,
    busy: Flags,
    held_until_ns: Ints,
    now_ns: int,
    size: int,
    actions: Ints,
    places: Ints,
    urgency: Floats,
) -> int:
    count = 0
    for slot in range(size):
        for side in range(2):
            if busy[side, slot]:
                continue
            wanted, standing = target[side, slot], working_id[side, slot] != 0
            absent = np.isnan(wanted)
            if absent and not standing:
                continue
            if not absent and now_ns < held_until_ns[side, slot]:
                continue
            action, weight = KEEP, 0.0
            if absent:
                action, weight = CANCEL, 1e12
            else:
                half = (
                    parts[INTENSITY, slot]
                    + parts[CURVATURE, slot]
                    + parts[HEDGE, slot]
                    + parts[FEE, slot]
                    + parts[STALENESS, slot]
                )
                if not standing:
                    action, weight = PLACE, 1.0
                else:
                    # Positive when the working quote is more generous than it should be: that is the dangerous way.
                    generous = (working_price[side, slot] - wanted) * (1.0 if side == 0 else -1.0)
                    slack = max(tolerance * half, 0.5 * tick[slot])
                    # When the market runs towards a quote it is moved at half the slack.
                    if generous > 0.5 * slack or -generous > slack:
                        action, weight = AMEND, (2.0 if generous > 0.0 else 1.0) * abs(generous) / max(half, tick[slot])
                    elif working_quantity[side, slot] < 0.5 * full_quantity[slot]:
                        action, weight = AMEND, 0.5
            if action != KEEP:
                actions[count] = action
                places[count] = 2 * slot + side
                urgency[count] = weight
                count += 1
    return count
