"""What screens and reports may see of the state: plain frozen records, complete in themselves.

Cash figures are dollars. `delta_cash` is the P&L of a 100% move to first order, `gamma_cash` the change of
delta_cash for a 1% move, `vega_cash` per vol point, `theta_cash` per day. Prices are in the contract's unit.
"""

import msgspec


class UnderlyingView(msgspec.Struct, frozen=True):
    """One underlying, netted over venues. `delta` is in coins, collateral included; `target` is what hedging aims at.

    `uncertainty_cash` is what rows we do not trust may add to |delta_cash|; band edges are deltas in coins.
    """

    name: str
    spot: float
    delta: float
    target: float
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    theta_cash: float
    uncertainty_cash: float
    band_low: float
    band_high: float
    at_the_money_vol: float
    trusted_rows: int
    untrusted_rows: int


class LadderCell(msgspec.Struct, frozen=True):
    """Net Greeks of the options of one underlying in one bucket of expiry and delta; futures have their own bucket."""

    underlying: str
    expiry_bucket: str
    delta_bucket: str
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    theta_cash: float


class PositionView(msgspec.Struct, frozen=True):
    """A position: signed quantity of a contract in a venue's wallet, with its mark and cash Greeks."""

    key: str
    underlying: str
    kind: str
    quantity: float
    mark: float
    value_usd: float
    delta_cash: float
    gamma_cash: float
    vega_cash: float
    theta_cash: float
    trusted: bool
    age_s: float


class QuoteView(msgspec.Struct, frozen=True):
    """One of our working quotes and why it stands where it stands.

    `parts` are in the contract's price unit, named, and sum to `price`: fair, lean, and the spread's pieces (signed
    by side), then rounding to the tick.
    """

    key: str
    underlying: str
    side: str
    price: float
    quantity: float
    status: str
    vol: float
    parts: dict[str, float]


class FillView(msgspec.Struct, frozen=True):
    """One of our fills. `spread_usd` is what it earned against fair at that moment; `fee_usd` positive is paid."""

    fill_id: str
    order_id: int
    ns: int
    key: str
    underlying: str
    kind: str
    side: str
    price: float
    quantity: float
    fair: float
    spread_usd: float
    fee_usd: float
    delta_cash: float
    purpose: str
    maker: bool


class HedgeView(msgspec.Struct, frozen=True):
    """A hedge order: what it was for and how far it got. `cost_usd` is paid against fair plus fees, so far."""

    order_id: int
    ns: int
    key: str
    underlying: str
    side: str
    price: float
    quantity: float
    filled: float
    status: str
    reason: str
    cost_usd: float


class LimitView(msgspec.Struct, frozen=True):
    """How much of a limit is used; `fraction` above 1 is a breach. Usage includes the uncertainty of untrusted rows."""

    name: str
    usage: float
    limit: float
    fraction: float


class AlertView(msgspec.Struct, frozen=True):
    """Something a person should know. `level` is info, warning or critical."""

    ns: int
    level: str
    text: str


class BalanceView(msgspec.Struct, frozen=True):
    """Cash of a venue's wallet in one asset, and its worth in dollars."""

    venue: str
    asset: str
    amount: float
    value_usd: float


class SmileView(msgspec.Struct, frozen=True):
    """The smile of one expiry and how far it may be trusted.

    `source` is whose forward is in force, `apart` how far the other sources stand from it (the kept basis), a fraction.
    `state` says where the vols come from and `reason` why it is not simply a fit to quotes. Vols are decimals, of the calendar's
    life as exchanges quote them: at the money, `skew` the 25-delta put's less the 25-delta call's, `rmse` of mids about the
    fit; `inside` is the share of quotes whose bid and ask hold it, `outliers` the rows left out as unbelievable, `age_s` the time
    since the middle quote behind it, -1 for none.
    """

    underlying: str
    expiry_ns: int
    forward: float
    source: str
    apart: dict[str, float]
    at_the_money_vol: float
    skew: float
    state: str
    reason: str
    rmse: float
    inside: float
    outliers: int
    age_s: float


class Snapshot(msgspec.Struct, frozen=True):
    """The desk after batch `sequence`, at `now_ns` of the core's clock.

    `mode` is running, reduce-only or paused, with its reason. `pnl_usd` is equity less deposits since the start and
    equals the sum of `pnl_terms`: spread, delta, gamma, vega, theta, fees, funding, capital, residual.
    """

    sequence: int
    now_ns: int
    mode: str
    mode_reason: str
    equity_usd: float
    pnl_usd: float
    pnl_terms: dict[str, float]
    underlyings: list[UnderlyingView]
    ladder: list[LadderCell]
    positions: list[PositionView]
    balances: list[BalanceView]
    quotes: list[QuoteView]
    hedges: list[HedgeView]
    fills: list[FillView]
    limits: list[LimitView]
    alerts: list[AlertView]
    events_applied: int
    fills_booked: int
    orders_working: int
    smiles: list[SmileView] = []
