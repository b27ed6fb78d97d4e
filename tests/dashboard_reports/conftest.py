"""A run that never happened but could have: half a day on two underlyings, drawn with a fixed seed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flatbook.basics import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_utc
from flatbook.dashboard import reports
from flatbook.dashboard.reports import Counts, RunRecord, TieOut, TimelinePoint, UnderlyingPoint
from flatbook.engine.snapshot import (
    AlertView,
    BalanceView,
    FillView,
    HedgeView,
    LadderCell,
    LimitView,
    PositionView,
    Snapshot,
    UnderlyingView,
)

START_NS = parse_utc("2026-01-06T08:00:00Z")
SPOTS = {"BTC": 93_400.0, "ETH": 3_210.0}
EXPIRIES_DAYS = (2, 3, 10, 24, 80, 170)
PER_TERM_USD = {
    "spread": 5.0,
    "delta": 22.0,
    "gamma": 9.0,
    "vega": 11.0,
    "theta": 1.5,
    "fees": -0.9,
    "funding": 0.4,
    "capital": 0.0,
    "residual": 0.6,
}


def timeline_of(points: int, step_ns: int, seed: int = 7) -> list[TimelinePoint]:
    """Random walks, deltas pulled back to their target, and P&L terms that sum to the P&L."""
    rng = np.random.Generator(np.random.PCG64(seed))
    walks = {name: spot * np.exp(np.cumsum(rng.normal(0, 4e-4, points))) for name, spot in SPOTS.items()}
    deltas = {name: _pulled(rng, points, 60.0 / spot) * 400 for name, spot in SPOTS.items()}
    greeks = {name: np.cumsum(rng.normal(0, 1, (3, points)), axis=1) for name in SPOTS}
    steps = {
        name: np.abs(rng.normal(0, size, points))
        if name == "spread"
        else rng.normal(size if size < 1 else 0.0, abs(size), points)
        for name, size in PER_TERM_USD.items()
    }
    steps["delta"][int(points * 0.6) : int(points * 0.62)] -= 60.0
    terms = {name: np.cumsum(steps[name]) for name in PER_TERM_USD}
    total = np.sum([terms[name] for name in PER_TERM_USD], axis=0)
    return [
        TimelinePoint(
            ns=START_NS + i * step_ns,
            equity_usd=1_000_000.0 + float(total[i]),
            pnl_usd=float(total[i]),
            pnl_terms={name: float(terms[name][i]) for name in PER_TERM_USD},
            underlyings={
                name: UnderlyingPoint(
                    spot=float(walks[name][i]),
                    delta=float(deltas[name][i]),
                    target=0.0,
                    delta_cash=float(deltas[name][i] * walks[name][i]),
                    gamma_cash=float(-800 + 30 * greeks[name][0][i]),
                    vega_cash=float(-250 + 12 * greeks[name][1][i]),
                    theta_cash=float(420 + 9 * greeks[name][2][i]),
                    uncertainty_cash=2_500.0 if 0.3 < i / points < 0.36 else 0.0,
                )
                for name in SPOTS
            },
            quotes_working=180,
        )
        for i in range(points)
    ]


def _pulled(rng: np.random.Generator, points: int, size: float) -> np.ndarray:
    out = np.zeros(points)
    for i in range(1, points):
        out[i] = 0.985 * out[i - 1] + rng.normal(0, size)
    return out


def fills_of(timeline: list[TimelinePoint], count: int, seed: int = 8) -> tuple[list[FillView], dict[str, int]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    span_ns = timeline[-1].ns - timeline[0].ns
    fills, expiries = [], {}
    for i, when in enumerate(np.sort(rng.integers(0, span_ns, count))):
        underlying = "BTC" if rng.random() < 0.6 else "ETH"
        days = EXPIRIES_DAYS[rng.integers(0, len(EXPIRIES_DAYS))]
        hedge = rng.random() < 0.2
        side = 1 if rng.random() < 0.5 else -1
        key = (
            f"deribit:{underlying}-PERPETUAL"
            if hedge
            else f"deribit:{underlying}-{days}D-{90 + 5 * int(rng.integers(0, 5))}000-C"
        )
        if not hedge:
            expiries[key] = START_NS + days * NS_PER_DAY
        fair = SPOTS[underlying] if hedge else float(rng.uniform(0.004, 0.09))
        quantity = 2_000.0 if hedge else float(rng.integers(1, 20)) / 10
        spread = -3.0 if hedge else float(abs(rng.normal(0, 14)))
        fills.append(
            FillView(
                fill_id=f"f{i}",
                order_id=1000 + i,
                ns=int(timeline[0].ns + when),
                key=key,
                underlying=underlying,
                kind="perpetual" if hedge else "option",
                side="buy" if side > 0 else "sell",
                price=fair * (1 - 0.002 * side),
                quantity=quantity,
                fair=fair,
                spread_usd=spread,
                fee_usd=0.5 if hedge else float(rng.uniform(0.2, 3.0)),
                delta_cash=side * quantity * (1.0 if hedge else 0.4 * SPOTS[underlying]),
                purpose="hedge" if hedge else "quote",
                maker=not hedge,
            )
        )
    return fills, expiries


def _hedges(fills: list[FillView]) -> list[HedgeView]:
    return [
        HedgeView(
            order_id=fill.order_id,
            ns=fill.ns,
            key=fill.key,
            underlying=fill.underlying,
            side=fill.side,
            price=fill.price,
            quantity=fill.quantity,
            filled=fill.quantity,
            status="filled",
            reason="delta 0.41 is outside its band of ±0.25: back to the nearer edge",
            cost_usd=3.5,
        )
        for fill in fills
        if fill.purpose == "hedge"
    ]


def _final(timeline: list[TimelinePoint]) -> Snapshot:
    last = timeline[-1]
    rng = np.random.Generator(np.random.PCG64(9))
    expiries = ("spot & perps", "<= 1d", "<= 3d", "<= 1w", "<= 2w", "<= 1m", "<= 3m", "<= 6m")
    deltas = ("futures", "put <10Δ", "put 10-25Δ", "put 25-40Δ", "at the money", "call 25-40Δ", "call 10-25Δ", "call <10Δ")
    return Snapshot(
        sequence=43_200,
        now_ns=last.ns,
        mode="running",
        mode_reason="",
        equity_usd=last.equity_usd,
        pnl_usd=last.pnl_usd,
        pnl_terms=last.pnl_terms,
        underlyings=[
            UnderlyingView(
                name,
                point.spot,
                point.delta,
                point.target,
                *(point.delta_cash, point.gamma_cash, point.vega_cash, point.theta_cash, 0.0, -0.25, 0.25, 0.482, 410, 12),
            )
            for name, point in last.underlyings.items()
        ],
        ladder=[
            LadderCell(name, expiry, delta, *(float(number) for number in rng.normal(0, (20_000, 700, 200, 150))))
            for name in SPOTS
            for place, expiry in enumerate(expiries)
            for delta in (deltas[:1] if place == 0 else deltas[1:])
        ],
        positions=[
            PositionView(
                f"deribit:BTC-16JAN26-{90 + i}000-C", "BTC", "option", float(rng.normal(0, 4)), 0.031, 2_900.0,
                *(float(number) for number in rng.normal(0, (20_000, 300, 90, 60))), i % 9 != 4, float(rng.uniform(0, 40)),
            )
            for i in range(30)
        ],
        balances=[BalanceView("deribit", "BTC", 10.2, 952_000.0)],
        quotes=[],
        hedges=[],
        fills=[],
        limits=[
            LimitView("BTC delta cash", 41_000.0, 100_000.0, 0.41),
            LimitView("BTC vega cash", 8_600.0, 10_000.0, 0.86),
            LimitView("ETH delta cash", 61_000.0, 50_000.0, 1.22),
            LimitView("orders a second", 3.0, 20.0, 0.15),
        ],
        alerts=[],
        events_applied=2_400_000,
        fills_booked=900,
        orders_working=180,
    )  # fmt: skip


def build(points: int = 1441, step_ns: int = NS_PER_MINUTE // 2, fills: int = 420, **changes) -> RunRecord:
    timeline = timeline_of(points, step_ns)
    our_fills, expiries = fills_of(timeline, fills)
    final = _final(timeline)
    record = {
        "title": "Backtest of the real day",
        "market": "recordings/real-day",
        "seed": 7,
        "start_ns": timeline[0].ns,
        "end_ns": timeline[-1].ns,
        "version": "0.1.0",
        "parameters": "[desk]\nrisk_aversion = 1e-6\n\n[limits.BTC]\ndelta_cash = 100000\n",
        "timeline": timeline,
        "fills": our_fills,
        "hedges": _hedges(our_fills),
        "alerts": [
            AlertView(START_NS + 3 * NS_PER_HOUR, "warning", "ETH delta cash is at 122% of its limit: reduce-only"),
            AlertView(START_NS + 3 * NS_PER_HOUR + 9, "info", "BTC-7JAN26 expired; 14 rows withdrawn"),
            AlertView(START_NS + 5 * NS_PER_HOUR, "critical", "feed of standx lost messages: 1 row untrusted"),
        ],
        "final": final,
        "counts": Counts(events=2_400_000, batches=43_200, requests=61_000, refusals=312),
        "tie_out": TieOut(final.equity_usd, final.equity_usd + 0.0004, final.equity_usd - 0.0002, 43_200),
        "wall_s": 19.4,
        "expiries": expiries,
    }
    return RunRecord(**(record | changes))


@pytest.fixture(scope="session")
def build_run() -> Callable[..., RunRecord]:
    """Makes a run record; keywords replace its fields, `points`, `step_ns` and `fills` its size."""
    return build


@pytest.fixture(scope="session")
def run_record() -> RunRecord:
    return build()


SNAPSHOTS = ("2026-02-05T09:00:00+00:00", "2026-02-05T15:00:00+00:00")
_COLUMNS = (
    "timestamp,instrument_name,option_type,strike,expiry_datetime,currency,underlying,"
    "bid_price,ask_price,mark_price,implied_volatility,index_price"
)


def chain_lines(stamp: str, spots: dict[str, float], vol: float = 0.6) -> list[str]:
    """A flat-vol chain of two underlyings and two expiries, as Deribit's columns."""
    lines = []
    for name, spot in spots.items():
        for code, expiry, carry in (("27FEB26", "2026-02-27", 1.002), ("27MAR26", "2026-03-27", 1.006)):
            for strike in (round(0.8 * spot), round(0.9 * spot), round(spot), round(1.1 * spot), round(1.2 * spot)):
                for letter, kind in (("C", "call"), ("P", "put")):
                    lines.append(
                        f"{stamp},{name}-{code}-{strike}-{letter},{kind},{strike},{expiry}T08:00:00+00:00,{name},"
                        f"{spot * carry},0.01,0.011,0.0105,{vol},{spot}"
                    )
    return lines


@pytest.fixture
def chain_file(tmp_path) -> Path:
    """Two snapshots six hours apart; BTC at 70,000 and then 68,000, ETH at 2,000."""
    path = tmp_path / "chain.csv"
    first = chain_lines(SNAPSHOTS[0], {"BTC": 70_000.0, "ETH": 2_000.0})
    # The same strikes live on: only prices have moved.
    moved = {SNAPSHOTS[0]: SNAPSHOTS[1], ",70000.0": ",68000.0", "70140.0": "68136.0", "70420.0": "68408.0"}
    second = []
    for line in first:
        for old, new in moved.items():
            line = line.replace(old, new)
        second.append(line)
    path.write_text("\n".join([_COLUMNS, *first, *second]) + "\n")
    return path


@pytest.fixture
def chain(chain_file) -> reports.ChainMarket:
    return reports.read_chain(chain_file)


@pytest.fixture
def hold() -> Callable[..., list[reports.HeldPosition]]:
    """Positions from `symbol=quantity` or `symbol=(quantity, price)` pairs, all at one venue."""

    def make(book: dict, venue: str = "deribit") -> list[reports.HeldPosition]:
        pairs = {symbol: held if isinstance(held, tuple) else (held, None) for symbol, held in book.items()}
        return [
            reports.HeldPosition(venue, symbol, float(quantity), price, f"book.csv, line {line}")
            for line, (symbol, (quantity, price)) in enumerate(pairs.items(), start=2)
        ]

    return make
