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
    most: int,
) -> tuple[Ints, Ints, Ints]:
    """The changes worth sending: arrays of action, side (0 bid, 1 offer) and slot, the most urgent first.

    All cancels, then at most `most` others: what stands too generous first, then the rest by distance. A working quote is
    held against the target before its rounding: one that moved less than its tolerance keeps its place in the queue; one
    with a request in flight is left alone. A quote filled below half is topped up.
    """
    actions = np.empty(2 * size, dtype=np.int64)
    places = np.empty(2 * size, dtype=np.int64)
    urgency = np.empty(2 * size, dtype=np.float64)
    count, cancels = _differences(
        quotes.target,
        quotes.wanted,
        quotes.parts,
        quotes.tick,
        tolerance,
        working_id,
        working_price,
        working_quantity,
        quotes.quantity,
        busy,
        quotes.held_until_ns,
        now_ns,
        size,
        actions,
        places,
        urgency,
    )
    order = _most_urgent(urgency[:count], cancels + most)
    chosen = places[:count][order]
    return actions[:count][order], chosen % 2, chosen // 2


def _most_urgent(urgency: Floats, most: int) -> Ints:
    """The places of the `most` largest, largest first; among equals the lower place first."""
    count = urgency.shape[0]
    if not most:
        return np.empty(0, dtype=np.int64)
    if most >= count:
        order: Ints = np.argsort(-urgency, kind="stable")
        return order
    # Only what reaches the smallest urgency that still counts is sorted.
    least = np.partition(urgency, count - most)[count - most]
    kept: Ints = np.nonzero(urgency >= least)[0]
    return kept[np.argsort(-urgency[kept], kind="stable")][:most]


@compiled
def _differences(
    target: Floats,
    wanted: Floats,
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
) -> tuple[int, int]:
    """Write what differs; returns how many changes there are and how many of them are cancels."""
    count = cancels = 0
    for slot in range(size):
        half = parts[INTENSITY, slot] + parts[CURVATURE, slot] + parts[HEDGE, slot] + parts[FEE, slot] + parts[STALENESS, slot]
        for side in range(2):
            absent, standing = np.isnan(target[side, slot]), working_id[side, slot] != 0
            if busy[side, slot] or (absent and not standing):
                continue
            if not absent and now_ns < held_until_ns[side, slot]:
                continue
            action, weight = KEEP, 0.0
            if absent:
                action, weight = CANCEL, 1e12
                cancels += 1
            elif not standing:
                action, weight = PLACE, 1.0
            else:
                # Positive when the working quote is more generous than it should be: that is the dangerous way.
                generous = (working_price[side, slot] - wanted[side, slot]) * (1.0 if side == 0 else -1.0)
                slack = tolerance * half
                moved = abs(working_price[side, slot] - target[side, slot]) > 0.5 * tick[slot]
                # A market that runs towards a quote moves it at half the slack; away from it, the grid is slack as well.
                if moved and (generous > 0.5 * slack or -generous > slack + tick[slot]):
                    action, weight = AMEND, (2.0 if generous > 0.0 else 1.0) * abs(generous) / max(half, tick[slot])
                elif working_quantity[side, slot] < 0.5 * full_quantity[slot]:
                    action, weight = AMEND, 0.5
            if action != KEEP:
                actions[count] = action
                places[count] = 2 * slot + side
                urgency[count] = weight
                count += 1
    return count, cancels
