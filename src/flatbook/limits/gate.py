"""The gate: every wish is approved or refused with a reason."""

import msgspec

from flatbook.limits.breaker import Breaker, Mode
from flatbook.limits.parameters import Limits, UnderlyingLimits
from flatbook.risk import Exposure

_NOTHING = 1e-9  # of a limit: what rounding leaves where two Greeks cancel


class Impact(msgspec.Struct, frozen=True):
    """What a wish would add if it filled at once and in full, in signed dollars, and its notional in underlying.

    hedging: it exists to bring delta down, and may pass a pause while flattening. opens: it puts one more order in the market.
    """

    underlying: str
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    notional: float
    hedging: bool
    opens: bool = True


class Gate(msgspec.Struct):
    """The gate of one step: where each underlying stands, by factor, and what approvals have added since."""

    limits: Limits
    breaker: Breaker
    exposures: dict[str, tuple[float, float, float]]
    doubts: dict[str, tuple[float, float, float]]
    pending_delta: dict[str, float]
    working_orders: int


def open_gate(limits: Limits, breaker: Breaker, exposures: dict[str, tuple[Exposure, float]], working_orders: int) -> Gate:
    """A gate for this step. `exposures`: by underlying, its exposure and its target in dollars of delta."""
    return Gate(
        limits=limits,
        breaker=breaker,
        exposures={
            name: (exposure.delta_cash - target, exposure.gamma_cash, exposure.vega_cash)
            for name, (exposure, target) in exposures.items()
        },
        doubts={
            name: (exposure.doubt_delta_cash, exposure.doubt_gamma_cash, exposure.doubt_vega_cash)
            for name, (exposure, _) in exposures.items()
        },
        pending_delta=dict.fromkeys(exposures, 0.0),
        working_orders=working_orders,
    )


def refusal(gate: Gate, impact: Impact) -> str | None:
    """Why the wish may not pass, or None when it is approved; an approved hedge counts against the next one."""
    bounds = gate.limits.underlyings.get(impact.underlying)
    if bounds is None:
        return f"{impact.underlying} has no limits; set them before trading it"
    # A hedge is one order an underlying and takes risk away: quotes that fill every place must not keep it out.
    if impact.opens and not impact.hedging and gate.working_orders >= gate.limits.working_orders:
        return f"{gate.working_orders} orders are open, the limit is {gate.limits.working_orders}"
    # Written so that a notional that is not a number is refused, not passed.
    if not impact.notional <= gate.limits.order_notional:
        return f"order of ${impact.notional:,.0f} is above the limit of ${gate.limits.order_notional:,.0f}"
    reason = _mode_refusal(gate, impact) or _limit_refusal(gate, impact, bounds)
    if reason is None:
        gate.working_orders += impact.opens
        if impact.hedging:
            gate.pending_delta[impact.underlying] += impact.delta_cash
    return reason


def _mode_refusal(gate: Gate, impact: Impact) -> str | None:
    breaker = gate.breaker
    if breaker.mode is Mode.PAUSED and not (impact.hedging and breaker.flattening):
        return f"paused: {breaker.reason}"
    if breaker.mode is Mode.REDUCE_ONLY and not _reduces(gate, impact):
        return f"reduce-only: {breaker.reason}"
    return None


def _limit_refusal(gate: Gate, impact: Impact, bounds: UnderlyingLimits) -> str | None:
    delta, gamma, vega = gate.exposures[impact.underlying]
    doubt_delta, doubt_gamma, doubt_vega = gate.doubts[impact.underlying]
    delta += gate.pending_delta[impact.underlying]
    return (
        _beyond("delta", delta, impact.delta_cash, doubt_delta, bounds.delta_cash)
        or _beyond("gamma", gamma, impact.gamma_cash, doubt_gamma, bounds.gamma_cash)
        or _beyond("vega", vega, impact.vega_cash, doubt_vega, bounds.vega_cash)
    )


def _beyond(name: str, now: float, added: float, doubt: float, limit: float) -> str | None:
    """A refusal when the wish would leave the factor beyond its limit and no nearer to zero than it was.

    What leaves a factor alone passes: a hedge in a perpetual is not to blame for the book's gamma.
    """
    after = abs(now + added)
    if after + doubt <= limit or after < abs(now) or abs(added) <= _NOTHING * limit:
        return None
    return f"{name} would be ${after + doubt:,.0f}, the limit is ${limit:,.0f}"


def _reduces(gate: Gate, impact: Impact) -> bool:
    """Whether the wish brings the usage of the limits down in sum and leaves the most used one no more used."""
    bounds = gate.limits.underlyings[impact.underlying]
    delta, gamma, vega = gate.exposures[impact.underlying]
    delta += gate.pending_delta[impact.underlying]
    before = abs(delta) / bounds.delta_cash, abs(gamma) / bounds.gamma_cash, abs(vega) / bounds.vega_cash
    after = (
        abs(delta + impact.delta_cash) / bounds.delta_cash,
        abs(gamma + impact.gamma_cash) / bounds.gamma_cash,
        abs(vega + impact.vega_cash) / bounds.vega_cash,
    )
    return max(after) <= max(before) + _NOTHING and sum(after) < sum(before)
