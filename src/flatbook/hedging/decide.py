"""When to hedge, how much, and whether to wait at the touch or cross."""

import msgspec

from flatbook.basics import BUY, NS_PER_SECOND, SELL, Side
from flatbook.hedging.choose import HedgeRow
from flatbook.hedging.record import Hedging, UnderlyingHedge

_QUIET_NS = 250_000_000  # after a refusal or a rejection, how long before the same hedge is tried again


class Wish(msgspec.Struct, frozen=True):
    """What hedging wants done now.

    action: `cross`, `rest`, `move` (the resting order follows the touch) or `cancel`. coins: unsigned size in coins;
    price: limit in the row's price unit. reason: one phrase for people.
    """

    action: str
    side: Side
    coins: float
    price: float
    reason: str


def decide_hedge(
    policy: Hedging,
    state: UnderlyingHedge,
    row: HedgeRow,
    gap_coins: float,
    largest_coins: float,
    resting_price: float | None,
    now_ns: int,
) -> Wish | None:
    """The wish for one underlying, or None for waiting.

    `gap_coins` is delta less target, positive when long. `resting_price` is that of our hedge in the book, None when none is.
    """
    breach = abs(gap_coins) - state.band
    side = SELL if gap_coins > 0.0 else BUY
    urgent = abs(gap_coins) > policy.urgent * state.band
    if resting_price is not None:
        return _mind_resting(policy, state, row, side, breach, urgent, resting_price, now_ns)
    if breach <= 0.0 or now_ns < state.quiet_until_ns:
        state.cross_next = state.cross_next and breach > 0.0
        return None
    coins = min(abs(gap_coins) - policy.aim * state.band, largest_coins)
    reason = f"delta is {abs(gap_coins):.4g} coins from target, band {state.band:.4g}"
    if urgent or state.cross_next or policy.patience_s <= 0.0:
        return Wish("cross", side, coins, _through(row, side, policy.slippage_bps), reason + (", urgent" if urgent else ""))
    return Wish("rest", side, coins, row.bid if side is BUY else row.ask, reason)


def _mind_resting(
    policy: Hedging, state: UnderlyingHedge, row: HedgeRow, side: Side, breach: float, urgent: bool, price: float, now_ns: int
) -> Wish | None:
    """A resting hedge is cancelled when no longer wanted or when patience is spent, and follows the touch while it waits."""
    if breach <= 0.0:
        return Wish("cancel", side, 0.0, price, "delta is back in its band")
    if urgent or now_ns - state.resting_since_ns > round(policy.patience_s * NS_PER_SECOND):
        state.cross_next = True
        return Wish("cancel", side, 0.0, price, "patience is spent")
    touch = row.bid if side is BUY else row.ask
    left_behind = price < touch if side is BUY else price > touch
    return Wish("move", side, 0.0, touch, "following the touch") if left_behind else None


def _through(row: HedgeRow, side: Side, slippage_bps: float) -> float:
    """A limit beyond the far touch by the slippage allowed."""
    reach = 1.0 + side * slippage_bps * 1e-4
    return (row.ask if side is BUY else row.bid) * reach


def hold_off(state: UnderlyingHedge, now_ns: int) -> None:
    """A hedge was refused or rejected: do not ask again at once."""
    state.quiet_until_ns = now_ns + _QUIET_NS
