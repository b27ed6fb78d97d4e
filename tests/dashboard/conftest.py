"""A desk that is not there: hand-made snapshots through a real channel, and a real browser to look at them with."""

import math
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from flatbook.dashboard import SnapshotServer, answers, screen_url, start_screen, stop_screen
from flatbook.engine.snapshot import (
    AlertView,
    BalanceView,
    FillView,
    HedgeView,
    LadderCell,
    LimitView,
    PositionView,
    QuoteView,
    SmileView,
    Snapshot,
    UnderlyingView,
)

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_NS = 1_767_686_400_000_000_000  # 2026-01-06T08:00:00Z
SPOTS = {"BTC": 93_641.2, "ETH": 3_214.85}
EXPIRIES = {
    "<= 1d": "7JAN26",
    "<= 3d": "9JAN26",
    "<= 1w": "13JAN26",
    "<= 2w": "16JAN26",
    "<= 1m": "30JAN26",
    "<= 3m": "27MAR26",
    "<= 6m": "26JUN26",
    "> 6m": "25DEC26",
}
DELTAS = ("put <10Δ", "put 10-25Δ", "put 25-40Δ", "at the money", "call 25-40Δ", "call 10-25Δ", "call <10Δ")
PARTS = ("fair", "lean", "arrival", "adverse", "hedge cost", "fees", "rounding")


def _wave(step: int, *salts: float) -> float:
    """A number between -1 and 1 that moves slowly with `step` and differs by `salts`."""
    phase = sum((index + 1) * 1.7 * salt for index, salt in enumerate(salts))
    return math.sin(step / 9.0 + phase) * math.cos(0.37 * phase)


def _underlying(name: str, step: int, salt: float) -> UnderlyingView:
    spot = SPOTS[name] * (1 + 0.002 * _wave(step, salt))
    delta = (1.2 if name == "BTC" else 24.0) * _wave(step, salt, 2)
    band = 0.9 if name == "BTC" else 18.0
    return UnderlyingView(
        name=name,
        spot=spot,
        delta=delta,
        target=0.0,
        delta_cash=delta * spot,
        gamma_cash=14_210.0 * _wave(step, salt, 3),
        vega_cash=8_420.0 * _wave(step, salt, 4),
        theta_cash=-5_630.0 * _wave(step, salt, 4),
        uncertainty_cash=1_250.0 if name == "ETH" else 0.0,
        band_low=-band,
        band_high=band,
        at_the_money_vol=0.482 + 0.01 * _wave(step, salt, 5),
        trusted_rows=398 - 6 * (name == "ETH"),
        untrusted_rows=6 * (name == "ETH"),
    )


def _ladder(step: int) -> list[LadderCell]:
    cells: list[LadderCell] = []
    for u, name in enumerate(SPOTS):
        cells.append(LadderCell(name, "spot & perps", "futures", 42_000.0 * _wave(step, u), 0.0, 0.0, 0.0))
        for e, expiry in enumerate(EXPIRIES):
            if e % 3 == 1:
                cells.append(LadderCell(name, expiry, "futures", 21_000.0 * _wave(step, u, e), 0.0, 0.0, 0.0))
            for d, delta in enumerate(DELTAS):
                if (u + e + d) % 7 == 5:
                    continue
                wave = _wave(step, u + 1, e, d)
                cells.append(
                    LadderCell(name, expiry, delta, 30_000 * wave, 9_000 * wave / (e + 1), 1_900 * wave, -1_500 * wave / (e + 1))
                )
    return cells


def _price(name: str, e: int, strike: int) -> float:
    return 0.004 + 0.011 * (e + 1) + 0.0021 * (25 - strike) / (1 + e) if name == "BTC" else 0.006 + 0.009 * (e + 1)


def _quotes(step: int) -> list[QuoteView]:
    quotes: list[QuoteView] = []
    for u, name in enumerate(SPOTS):
        for e, expiry in enumerate(EXPIRIES.values()):
            for strike in range(13):
                key = f"deribit:{name}-{expiry}-{round(SPOTS[name] * (0.7 + 0.05 * strike), -3 if u == 0 else -2):.0f}-C"
                fair = round(_price(name, e, strike) * (1 + 0.01 * _wave(step, u, e, strike)), 6)
                for sign, side in ((1, "buy"), (-1, "sell")):
                    lean = round(-0.0002 * _wave(step, u, e), 6)
                    spread = [round(-sign * part, 6) for part in (0.00031, 0.00012, 0.00008, 0.0003)]
                    raw = fair + lean + sum(spread)
                    price = (math.floor(raw / 1e-4) if sign > 0 else math.ceil(raw / 1e-4)) * 1e-4
                    parts = dict(zip(PARTS, (fair, lean, *spread, price - raw), strict=True))
                    quotes.append(QuoteView(key, name, side, price, 2.5 + e, "working", 0.48 + 0.005 * e, parts))
    return quotes[:400]


def _positions(step: int) -> list[PositionView]:
    rows = []
    for index, quote in enumerate(_quotes(step)[::7][:60]):
        wave = _wave(step, index)
        value = 21_000 * wave
        kind = "perpetual" if index == 0 else "option"
        key = "paper:BTC-PERPETUAL" if index == 0 else quote.key
        rows.append(
            PositionView(
                key, quote.underlying, kind, 12.5 * wave, quote.parts["fair"], value,
                3 * value, value / 4, value / 9, -value / 12, index % 11 != 5, 0.3 if index % 11 != 5 else 47.0,
            )
        )  # fmt: skip
    return rows


def _fills(step: int) -> list[FillView]:
    fills, quotes = [], _quotes(0)
    for index in range(min(80, 12 + step)):
        quote = quotes[(37 * index) % len(quotes)]
        ns = START_NS + index * 7_300_000_000
        fills.append(
            FillView(
                f"f{index:05d}", 9000 + index, ns, quote.key, quote.underlying, "option", quote.side, quote.price,
                0.5 + index % 4,
                quote.parts["fair"], 12.5 + 9 * _wave(index, 1), 3.1 - (index % 5), 18_400 * _wave(index, 2), "quote", True,
            )
        )  # fmt: skip
    return fills


def _hedges() -> list[HedgeView]:
    orders = (
        ("paper:BTC-PERPETUAL", "BTC", "sell", 93_655.5, 0.75, "BTC delta 1.04 outside band ±0.90"),
        ("paper:ETH-PERPETUAL", "ETH", "buy", 3_215.05, 14.0, "ETH delta -19.2 outside band ±18.0"),
    )
    hedges = []
    for index in range(14):
        key, underlying, side, price, quantity, reason = orders[index % 2]
        filled, status = (quantity, "filled") if index < 13 else (0.4 * quantity, "working")
        ns = START_NS + index * 31_000_000_000
        hedges.append(HedgeView(500 + index, ns, key, underlying, side, price, quantity, filled, status, reason, 6.31 + index))
    return hedges


def _alerts() -> list[AlertView]:
    texts = (
        ("info", "desk started on seed 7: 2 underlyings, 816 rows, paper trading"),
        ("warning", "deribit: 6 ETH rows are stale (no top for 12 s); their quotes are pulled and their risk widened"),
        ("info", "hedge 512 filled: sold 0.75 paper:BTC-PERPETUAL at 93,655.5"),
        ("critical", "vega ETH is at 104% of its limit: only what brings it down is approved"),
    )
    return [AlertView(START_NS + index * 65_000_000_000, level, text) for index, (level, text) in enumerate(texts * 3)]


# How the smile of each expiry came about, why, how many quotes it left out, and how old its newest quote is.
_SMILES = (
    ("fitted", "", 0, 0.3),
    ("fitted", "", 2, 1.2),
    ("repaired", "raised by up to 0.012 of total variance above the expiry before", 0, 0.8),
    ("borrowed", "few quotes: the shape of the expiry 17.2 days away, level and skew its own", 0, 2.4),
    ("marks", "fewer than 5 strikes are quoted on both sides, and no neighbour lends a shape", 0, 0.9),
    ("kept", "most of its quotes contradict the others", 0, 47.0),
    ("fitted", "", 0, 3.1),
    ("marks", "", 0, 0.0),
)


def _smiles(step: int) -> list[SmileView]:
    days, smiles = (1, 3, 7, 10, 24, 80, 171, 353), list[SmileView]()
    for u, name in enumerate(SPOTS):
        for e, (state, reason, outliers, age_s) in enumerate(_SMILES):
            fitted = state not in ("marks", "kept")
            source, *others = (("underlying", "future"), ("future", "underlying"), ("parity", "future"), ("underlying",))[e % 4]
            smiles.append(
                SmileView(
                    name, START_NS + days[e] * 86_400_000_000_000, SPOTS[name] * (1 + 0.0002 * days[e]), source,
                    dict.fromkeys(others, 0.0007 * _wave(step, u, e, 6)), 0.482 + 0.01 * _wave(step, u, e),
                    0.02 * _wave(step, e, 7), state, reason, 0.0021 if fitted else 0.0, 0.96 if fitted else 0.0, outliers, age_s,
                )
            )  # fmt: skip
    return smiles


def _terms(step: int) -> dict[str, float]:
    return {
        "spread": 1_284.31 + 3.7 * step,
        "delta": 212.40 * _wave(step, 1),
        "gamma": -418.77 + 20 * _wave(step, 2),
        "vega": 640.15 * _wave(step, 3),
        "theta": 301.02,
        "fees": -389.90 - 0.4 * step,
        "funding": 17.26,
        "capital": 5_120.0 * _wave(step, 5),
        "residual": -2.11,
    }


def _limits(step: int) -> list[LimitView]:
    sizes = {
        "delta BTC": (83_000, 250_000),
        "delta ETH": (61_000, 100_000),
        "vega BTC": (8_420, 20_000),
        "vega ETH": (8_320, 8_000),
        "gamma BTC": (11_000, 60_000),
        "orders a second": (12, 50),
        "loss of the day": (4_100, 5_000),
        "stress 10%": (141_000, 300_000),
    }
    used = {name: usage * (1 + 0.05 * _wave(step, index)) for index, (name, (usage, _)) in enumerate(sizes.items())}
    return [LimitView(name, used[name], limit, used[name] / limit) for name, (_, limit) in sizes.items()]


def _snapshot(step: int = 0, **changes: Any) -> Snapshot:
    """A desk of two underlyings after `step` half seconds; every number moves with the step."""
    terms = _terms(step)
    made = Snapshot(
        sequence=1_000 + step,
        now_ns=START_NS + 600_000_000_000 + step * 500_000_000,
        mode="running",
        mode_reason="all limits are well",
        equity_usd=2_500_000.0 + sum(terms.values()),
        pnl_usd=sum(terms.values()),
        pnl_terms=terms,
        underlyings=[_underlying("BTC", step, 0.3), _underlying("ETH", step, 1.1)],
        ladder=_ladder(step),
        positions=_positions(step),
        balances=[BalanceView("deribit", "BTC", 12.48315, 1_168_940.2), BalanceView("deribit", "ETH", 210.5, 676_700.0),
                  BalanceView("paper", "USDC", 402_118.55, 402_118.55), BalanceView("spot", "BTC", -1.2, -112_369.4)],
        quotes=_quotes(step),
        hedges=_hedges(),
        fills=_fills(step),
        limits=_limits(step),
        alerts=_alerts(),
        events_applied=48_211 + 37 * step,
        fills_booked=12 + step,
        orders_working=402,
        smiles=_smiles(step),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


class FakeDesk:
    """The desk's end of the channel and its screen; `publish(step)` shows the hand-made desk at that step."""

    def __init__(self, server: SnapshotServer, url: str) -> None:
        self.server = server
        self.url = url
        self.shown = _snapshot()

    def publish(self, step: int = 0, **changes: Any) -> Snapshot:
        """Publish a hand-made snapshot, some of its fields changed, and give it back."""
        self.shown = _snapshot(step, **changes)
        self.server.publish(self.shown)
        return self.shown

    def commands_within(self, patience_s: float) -> list[Any]:
        """The first commands to arrive, or none when the patience ends."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if commands := self.server.commands():
                return commands
            time.sleep(0.02)
        return []


@pytest.fixture(scope="session")
def make_snapshot() -> Callable[..., Snapshot]:
    return _snapshot


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server() -> Iterator[SnapshotServer]:
    server = SnapshotServer(("127.0.0.1", 0), secrets.token_bytes(32))
    yield server
    server.close()


@pytest.fixture
def fake_desk(server: SnapshotServer, free_port: int) -> Iterator[FakeDesk]:
    """A desk with a screen that answers, showing its first snapshot."""
    desk = FakeDesk(server, screen_url(free_port))
    desk.publish()
    screen = start_screen(server, free_port)
    try:
        assert answers(desk.url, 20), "the screen did not answer within 20 s"
        yield desk
    finally:
        stop_screen(screen)


@pytest.fixture
def browser_page(chromium: str) -> Iterator[Any]:
    """A page of a real headless Chromium; `requested` lists every address it asked for, `wrong` every error."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright in this environment: make browser")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGS))
        page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        page.requested, page.wrong = [], []
        page.context.on("request", lambda request: page.requested.append(request.url))
        page.on("websocket", lambda socket: page.requested.append(socket.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
