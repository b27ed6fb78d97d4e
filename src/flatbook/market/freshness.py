"""How long the world's word is good for."""

import numpy as np

from flatbook.basics import Flags, Floats, Ints
from flatbook.instruments import Universe
from flatbook.market.record import Market, UnderlyingMarket
from flatbook.market.rules import Freshness
from flatbook.pricing import compiled

_FOREVER = 2**62


def is_fresh(told_ns: int, limit_ns: int, now_ns: int) -> bool:
    """Whether something told at `told_ns` (0: never) may still be used."""
    return told_ns > 0 and now_ns - told_ns <= limit_ns


def refresh_trust(market: Market, universe: Universe, index: int, freshness: Freshness, now_ns: int) -> None:
    """Decide anew which rows of underlying `index` are trusted, and until when that holds if nothing more is heard."""
    entry, block = market.underlyings[index], universe.blocks[index]
    reference_until_ns = reference_deadline(entry, freshness)
    if reference_until_ns < now_ns or entry.reference <= 0.0:
        entry.trusted[: block.size] = False
        entry.trust_until_ns = _FOREVER  # only news can change it now
        return
    slots_deadline = _judge_slots(
        block.size,
        now_ns,
        freshness.option_ns,
        freshness.top_ns,
        (block.sign, block.live, block.tenor),
        (entry.told_ns, entry.bid, entry.ask),
        (entry.tenor_ns, entry.tenor_ratio, entry.averages.known),
        (entry.surface.vol_ns, entry.averages.opened_ns),
        entry.trusted,
    )
    entry.trust_until_ns = min(slots_deadline, reference_until_ns, entry.surface.next_fit_ns)


@compiled
def _judge_slots(
    size: int,
    now_ns: int,
    option_ns: int,
    top_ns: int,
    contract: tuple[Floats, Flags, Ints],
    top: tuple[Ints, Floats, Floats],
    tenor: tuple[Ints, Floats, Flags],
    vols: tuple[Ints, Ints],
    trusted: Flags,
) -> int:
    """Write `trusted` and return the earliest deadline of what is trusted.

    A delta-one row stands on its own top, which must not be crossed or lack a side; locked (bid = ask) is sane. An option
    may lack a side, but it is no fresher than its forward and its vol, and an average it settles at must have been heard. Once
    that has begun its vol is not renewed any more: it must have been fresh then.
    """
    vol_ns, opened_ns = vols
    (sign, live, tenor_of), (told_ns, bid, ask), (tenor_ns, ratio, average_known) = contract, top, tenor
    earliest = _FOREVER
    for slot in range(size):
        option, expiry = sign[slot] != 0.0, tenor_of[slot]
        oldest = told_ns[slot]
        if option:
            settling = opened_ns[expiry] > 0 and vol_ns[slot] >= opened_ns[expiry] - option_ns
            oldest = min(told_ns[slot], tenor_ns[expiry], told_ns[slot] if settling else vol_ns[slot])
        deadline = oldest + (option_ns if option else top_ns)
        both = bid[slot] > 0.0 and ask[slot] > 0.0
        sane = bid[slot] <= ask[slot] if both else option
        priced = not option or (np.isfinite(ratio[expiry]) and vol_ns[slot] > 0 and average_known[expiry])
        trusted[slot] = live[slot] and told_ns[slot] > 0 and deadline >= now_ns and sane and priced
        if trusted[slot]:
            earliest = min(earliest, deadline)
    return earliest


def reference_deadline(entry: UnderlyingMarket, freshness: Freshness) -> int:
    """Until when the reference may be believed: the lead's deadline while its top is sane, or the index's."""
    lead = entry.lead_slot
    led = lead >= 0 and entry.told_ns[lead] > 0 and 0.0 < entry.bid[lead] <= entry.ask[lead] < np.inf
    by_lead = int(entry.told_ns[lead]) + freshness.top_ns if led else 0
    by_index = entry.index_ns + freshness.index_ns if entry.index_ns and index_is_news(entry) else 0
    return max(by_lead, by_index)


def index_is_news(entry: UnderlyingMarket) -> bool:
    """Whether the index spoke after the lead last did; always, where there is no lead."""
    return entry.lead_slot < 0 or entry.index_ns > int(entry.told_ns[entry.lead_slot])
