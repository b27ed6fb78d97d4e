"""Watching a run for its report: a timeline, every fill, every hedge, every alert."""

from collections.abc import Sequence

from flatbook import ledger, pnl
from flatbook.basics import NS_PER_SECOND
from flatbook.dashboard.reports import Counts, RunRecord, TieOut, TimelinePoint, UnderlyingPoint
from flatbook.engine import Alert, Effect, State, equity_usd, fill_view, hedge_view, snapshot, tie_out
from flatbook.engine.snapshot import AlertView, FillView, HedgeView
from flatbook.engine.validate import CENT, explained_price
from flatbook.events import Batch
from flatbook.instruments import contract_key, expiry_of
from flatbook.orders import Order, Place, Purpose, find
from flatbook.pricing import VALUE


class Recorder:
    """A watcher of batches. It samples the desk every `sample_s` of the desk's clock and keeps what happened between."""

    def __init__(self, sample_s: float) -> None:
        self.timeline: list[TimelinePoint] = []
        self.fills: list[FillView] = []
        self.alerts: list[AlertView] = []
        self.start_ns = 0
        self._sample_ns = round(sample_s * NS_PER_SECOND)
        self._next_ns = 0
        self._fills_seen = 0
        self._reasons: dict[int, str] = {}
        self._hedges: dict[int, Order] = {}
        self._checked = 0
        self._worst_gap = 0.0

    def watch(self, state: State, batch: Batch, effects: Sequence[Effect]) -> None:
        """See one batch and what it led to."""
        self.start_ns = self.start_ns or batch.local_ns
        for effect in effects:
            if isinstance(effect, Alert):
                self.alerts.append(AlertView(batch.local_ns, effect.level, effect.text))
            elif isinstance(effect, Place) and effect.purpose is not Purpose.QUOTE:
                self._note_hedge(state, effect)
        fresh = state.pnl.fill_count - self._fills_seen
        if fresh:
            self.fills += [fill_view(state, record) for record in state.pnl.fills[-fresh:]]
            self._fills_seen = state.pnl.fill_count
        if batch.local_ns >= self._next_ns:
            self.sample(state)
            self._next_ns = batch.local_ns + self._sample_ns

    def sample(self, state: State) -> None:
        """Put the desk as it is now on the timeline, and see that its books still tie out."""
        self._checked += 1
        self._worst_gap = max(self._worst_gap, abs(tie_out(state)))
        working = sum(order.purpose is Purpose.QUOTE for order in state.orders.open.values())
        self.timeline.append(
            TimelinePoint(
                ns=state.now_ns,
                equity_usd=equity_usd(state),
                pnl_usd=pnl.total(state.pnl),
                pnl_terms=pnl.terms_total(state.pnl),
                underlyings={
                    block.underlying: _point(state, index, block.underlying) for index, block in enumerate(state.universe.blocks)
                },
                quotes_working=working,
            )
        )

    def record(
        self, state: State, *, title: str, market: str, seed: int, version: str, parameters: str, requests: int, wall_s: float,
        differences: Sequence[str] = (),
    ) -> RunRecord:  # fmt: skip
        """Everything seen, as the report wants it. `differences` are sentences about books outside the desk."""
        self.sample(state)
        return RunRecord(
            title=title,
            market=market,
            seed=seed,
            start_ns=self.start_ns,
            end_ns=state.now_ns,
            version=version,
            parameters=parameters,
            timeline=self.timeline,
            fills=self.fills,
            hedges=self._hedge_views(state),
            alerts=self.alerts,
            final=snapshot(state),
            counts=Counts(state.events_applied, state.sequence, requests, state.refusals),
            tie_out=self._tie_out(state, differences),
            wall_s=wall_s,
            expiries=_expiries(state),
        )

    def _note_hedge(self, state: State, place: Place) -> None:
        self._reasons[place.order_id] = state.hedges.underlyings[state.universe.underlying_of[place.row]].reason
        order = find(state.orders, place.order_id)
        if order is not None:
            self._hedges[place.order_id] = order

    def _hedge_views(self, state: State) -> list[HedgeView]:
        cost = dict.fromkeys(self._hedges, 0.0)
        for fill in self.fills:
            if fill.order_id in cost:
                cost[fill.order_id] += fill.fee_usd - fill.spread_usd
        return [hedge_view(state, order, self._reasons.get(number, ""), cost[number]) for number, order in self._hedges.items()]

    def _tie_out(self, state: State, differences: Sequence[str]) -> TieOut:
        found = list(differences)
        if self._worst_gap >= CENT:
            found.append(f"equity and P&L were ${self._worst_gap:,.4f} apart at some sample")
        return TieOut(
            ledger_usd=_ledger_equity(state),
            inventory_usd=equity_usd(state),
            explained_usd=state.pnl.deposits_usd + pnl.total(state.pnl),
            comparisons=self._checked,
            differences=found,
        )


def _point(state: State, index: int, name: str) -> UnderlyingPoint:
    exposure = state.risk.underlyings[index].exposure
    return UnderlyingPoint(
        spot=state.market.underlyings[index].spot,
        delta=exposure.delta,
        target=state.parameters.hedging.target_coins.get(name, 0.0),
        delta_cash=exposure.delta_cash,
        gamma_cash=exposure.gamma_cash,
        vega_cash=exposure.vega_cash,
        theta_cash=exposure.theta_cash,
        uncertainty_cash=exposure.doubt_delta_cash,
    )


def _ledger_equity(state: State) -> float:
    """Equity with the positions that the ledger, not the inventory, has booked."""
    worth = sum(float(amount) * explained_price(state, asset) for asset, amount in state.ledger.house.items())
    for row, contract in enumerate(state.universe.contracts):
        booked = ledger.booked_position(state.ledger, contract)
        if booked:
            entry, slot = state.risk.underlyings[state.universe.underlying_of[row]], state.universe.slot_of[row]
            worth += float(booked) * entry.greeks.item(VALUE, slot) * entry.unit_price.item(slot)
    return worth


def _expiries(state: State) -> dict[str, int]:
    return {contract_key(contract): expiry_of(contract) for contract in state.universe.contracts if expiry_of(contract)}
