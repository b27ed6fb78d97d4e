"""A desk that fits its own smiles: what it shows of them, when it says something, what a restart keeps, and where P&L goes."""

import math
from decimal import Decimal

import msgspec
import pytest

from flatbook import pnl
from flatbook.basics import BUY, NS_PER_DAY, SELL
from flatbook.engine import State, checks, encode_parameters, smiles, snapshot, step
from flatbook.events import Batch, Beat, Configured, Gap, Listed, Ticker
from flatbook.instruments import Future, Option
from flatbook.journal import decode_state, effects_digest, encode_state, fingerprint
from flatbook.market import Smiles
from flatbook.pricing import option_value_and_greeks

CALL, PUT, LEAD = "BTC-30D-110000-C", "BTC-30D-90000-P", "BTC_USDC-PERPETUAL"
FORWARD, NAN = 100_500.0, math.nan
DYNAMICS = ("sticky_strike", "sticky_delta", "sticky_local")


@pytest.fixture
def quoting_desk(make_desk):
    """A desk that fits its smiles to quotes, its market open and told; keywords replace how it does so."""

    def make(dynamics: str = "sticky_strike", refit_s: float = 0.0):
        desk = make_desk(smiles=Smiles("quotes", dynamics, refit_s))  # type: ignore[arg-type]
        desk.settle(desk.open())
        desk.state.market.underlyings[0].mark_vol[:] = NAN  # here no venue tells a vol unless a test says so
        desk.settle(desk.feed(*chain(desk)))
        return desk

    return make


def chain(desk, *, forward=FORWARD, half=0.004, level=0.5, bids=True, mark=NAN, off=None, stated=FORWARD) -> list[Ticker]:
    """Every option quoted `half` a vol about a smile whose puts are dear; `off` moves single strikes by vols."""
    found = []
    for row, contract in enumerate(desk.state.universe.contracts):
        if not isinstance(contract, Option):
            continue
        years, strike = (contract.expiry_ns - desk.ns) / (365 * NS_PER_DAY), float(contract.strike)
        k = math.log(strike / forward) / (level * math.sqrt(years))
        vol = level * (1.0 - 0.06 * k + 0.02 * k * k) + (off or {}).get(strike, 0.0)
        bid, ask = (
            float(option_value_and_greeks(forward, strike, years, vol + each, contract.sign, True)[0]) for each in (-half, half)
        )
        found.append(Ticker(row, bid if bids else NAN, ask, 10.0, 10.0, 0.5 * (bid + ask), mark, stated, desk.ns))
    return found


def tape(desk, spot: float) -> list:
    """Every delta-one top about `spot`; the index stands where it stood."""
    return [desk.top(symbol, spot - 0.5, spot + 0.5) for symbol in (LEAD, "BTC-PERPETUAL", "BTC/USDC")]


def view(desk):
    (only,) = snapshot(desk.state).smiles
    return only


def moved(desk, *events) -> dict[str, float]:
    """What these events do to each term of the profit."""
    before = pnl.terms_total(desk.state.pnl)
    desk.feed(*events)
    return {name: value - before[name] for name, value in pnl.terms_total(desk.state.pnl).items()}


# What is shown.


def test_a_fitted_smile_is_shown_as_it_stands(quoting_desk):
    desk = quoting_desk()
    shown = view(desk)
    assert (shown.underlying, shown.expiry_ns) == ("BTC", desk.state.universe.blocks[0].expiries[1])
    assert (shown.state, shown.reason, shown.source, shown.apart) == ("fitted", "", "underlying", {})
    assert shown.forward == pytest.approx(FORWARD)
    assert shown.at_the_money_vol == pytest.approx(0.5, abs=0.003)
    assert shown.skew > 0.03, "puts are dear"
    assert shown.rmse < 0.001
    assert (shown.inside, shown.outliers) == (1.0, 0)


def test_its_age_is_the_time_since_its_newest_quote(quoting_desk):
    desk = quoting_desk()
    desk.feed(*chain(desk))
    desk.feed(Beat(), after_ms=2_500)
    assert view(desk).age_s == pytest.approx(2.5)


def test_a_quote_left_out_is_counted(quoting_desk):
    desk = quoting_desk()
    desk.feed(*chain(desk, off={105_000.0: 0.3}))
    assert view(desk).outliers == 2, "the call and the put of one strike"
    assert view(desk).inside == pytest.approx(6 / 7)


def test_a_future_that_stands_apart_is_shown_as_basis(quoting_desk):
    desk = quoting_desk()
    terms = {"underlying": "BTC", "quote": "USD", "settlement": "BTC", "inverse": True}
    expiry_ns = desk.state.universe.blocks[0].expiries[1]
    future = Future(venue="alpha", symbol="BTC-30D", tick=Decimal("0.5"), lot=Decimal(10), expiry_ns=expiry_ns, **terms)
    desk.rows["BTC-30D"] = len(desk.state.universe)
    desk.feed(Listed(desk.rows["BTC-30D"], future))
    for _ in range(2):  # it is believed once it has been looked at
        desk.feed(*chain(desk), desk.top("BTC-30D", 100_700.5, 100_701.5))
    assert view(desk).apart == {"future": pytest.approx(100_701 / FORWARD - 1.0)}
    desk.feed(desk.top("BTC-30D", 100_700.5, 100_701.5))
    assert view(desk).source == "future"
    assert view(desk).apart == {"underlying": pytest.approx(FORWARD / 100_701 - 1.0)}
    assert view(desk).forward == pytest.approx(FORWARD), "its own basis is taken off"


def test_an_expiry_that_is_over_or_never_heard_of_is_not_shown(make_desk, quoting_desk):
    silent = make_desk(smiles=Smiles("quotes", "sticky_strike", 0.0))
    silent.feed(Listed(0, quoting_desk().state.universe.contracts[5]))
    assert smiles.smile_views(silent.state) == []
    desk = quoting_desk()
    desk.feed(Beat(), after_ms=31 * 86_400_000)
    assert smiles.smile_views(desk.state) == []


def test_the_nearest_expiry_comes_first(quoting_desk):
    desk = quoting_desk()
    model = desk.state.universe.contracts[desk.rows[CALL]]
    week = msgspec.structs.replace(model, symbol="BTC-7D-110000-C", expiry_ns=desk.ns + 7 * NS_PER_DAY)
    desk.feed(Listed(len(desk.state.universe), week))
    desk.feed(*chain(desk))
    assert [shown.state for shown in snapshot(desk.state).smiles] == ["borrowed", "fitted"]
    assert "few quotes" in snapshot(desk.state).smiles[0].reason


# What people are told.


def test_a_smile_that_falls_back_is_told_once_and_said_on_the_screen(quoting_desk):
    desk = quoting_desk()
    told = desk.told(desk.feed(*chain(desk, bids=False, mark=0.55)), "warning")
    assert len(told) == 1
    assert told[0].startswith("BTC 2026-02-05 smile is marks: fewer than 5 strikes have both sides")
    assert (view(desk).state, view(desk).rmse) == ("marks", 0.0)
    assert view(desk).reason in told[0]
    assert view(desk).at_the_money_vol == pytest.approx(0.55)
    for _ in range(3):
        assert desk.told(desk.feed(*chain(desk, bids=False, mark=0.55), *tape(desk, 100_000.0), after_ms=4_000), "warning") == []


def test_vols_that_are_only_kept_are_told_and_so_is_the_fit_that_ends_it(quoting_desk):
    desk = quoting_desk()
    before = view(desk).at_the_money_vol
    (told,) = desk.told(desk.feed(*chain(desk, bids=False)), "warning")
    assert "smile is kept" in told
    assert (view(desk).state, view(desk).at_the_money_vol) == ("kept", before)
    desk.feed(*tape(desk, 100_000.0), after_ms=4_000)
    desk.feed(*tape(desk, 100_000.0), after_ms=4_000)
    assert desk.told(desk.feed(*chain(desk), after_ms=4_000), "warning") == ["BTC 2026-02-05 smile is fitted again"]


def test_a_desk_on_marks_says_nothing_of_what_it_chose(running):
    assert [alert for alert in running.state.alerts if "smile" in alert.alert.text] == []
    assert (view(running).state, view(running).reason) == ("marks", "")


# What a restart keeps.


def story(desk) -> list[Batch]:
    """Quotes, moves, a fall-back, lost messages and the time between, as batches after the state's last."""
    batches, at = [], desk.ns
    told = [
        tape(desk, 100_400.0), chain(desk, level=0.53), [], chain(desk, bids=False), tape(desk, 99_800.0), [Gap("alpha")],
        chain(desk, level=0.6)[:6], chain(desk, level=0.6, off={95_000.0: 0.3}), [Beat()], tape(desk, 100_000.0),
    ]  # fmt: skip
    for number, events in enumerate(told, start=1):
        at += 400_000_000
        batches.append(Batch(desk.state.sequence + number, at, tuple(events)))
    return batches


def digests(state: State, batches: list[Batch]) -> list[bytes]:
    return [effects_digest(step(state, batch), checks(state)) for batch in batches]


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_a_desk_that_was_put_away_goes_on_as_if_it_had_not_been(quoting_desk, dynamics):
    """Put away while a fit is waiting for its second to pass: that the expiry has news is part of the state."""
    desk = quoting_desk(dynamics, refit_s=1.0)
    desk.feed(*chain(desk, level=0.52))
    assert any(desk.state.market.underlyings[0].surface.dirty)
    kept = decode_state(encode_state(desk.state), State)
    assert fingerprint(kept) == fingerprint(desk.state)
    assert snapshot(kept) == snapshot(desk.state)
    batches = story(desk)
    assert digests(kept, batches) == digests(desk.state, batches)
    assert fingerprint(kept) == fingerprint(desk.state)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_the_same_batches_make_the_same_smiles(quoting_desk, dynamics):
    first, second = quoting_desk(dynamics, 1.0), quoting_desk(dynamics, 1.0)
    batches = story(first)
    assert digests(first.state, batches) == digests(second.state, batches)
    assert fingerprint(first.state) == fingerprint(second.state)
    assert any("smile" in alert.alert.text for alert in first.state.alerts)


# Where the profit goes.


def held(desk, *, quantity: str = "2") -> None:
    """Long a call and short a put away from the money, at the marks of now."""
    for symbol, side in ((CALL, BUY), (PUT, SELL)):
        price = desk.state.risk.underlyings[0].greeks.item(0, desk.state.universe.slot_of[desk.rows[symbol]])
        desk.feed(desk.fill(symbol, side, f"{price:.6f}", quantity))


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_vols_that_moved_as_they_had_to_are_deltas_and_not_vegas(quoting_desk, dynamics):
    desk = quoting_desk(dynamics)
    held(desk)
    vols = desk.state.market.underlyings[0].vol.copy()
    terms = moved(desk, *tape(desk, 100_050.0))
    changed = bool((desk.state.market.underlyings[0].vol != vols).any())
    assert changed is (dynamics != "sticky_strike")
    assert abs(terms["delta"]) > 10.0
    assert terms["vega"] == pytest.approx(0.0, abs=1e-6)
    assert abs(terms["residual"]) < 1e-3 * abs(terms["delta"])


def test_what_is_left_unexplained_is_of_second_order(quoting_desk):
    left = []
    for move in (100.0, 50.0):
        desk = quoting_desk("sticky_delta")
        held(desk)
        left.append(moved(desk, *tape(desk, 100_000.0 + move))["residual"])
    assert left[0] / left[1] == pytest.approx(4.0, rel=0.1)


def test_the_deltas_of_two_choices_differ_by_what_their_vols_earned(quoting_desk):
    """Same book, same move: what sticky strike leaves out, sticky delta has in its delta, and the marks have in their value."""
    earned = {}
    for dynamics in ("sticky_strike", "sticky_delta"):
        desk = quoting_desk(dynamics)
        held(desk)
        slots = [desk.state.universe.slot_of[desk.rows[symbol]] for symbol in (CALL, PUT)]
        entry, risk = desk.state.market.underlyings[0], desk.state.risk.underlyings[0]
        before, vega = entry.vol[slots].copy(), risk.greeks[3, slots].copy() * entry.unit_price[slots]
        earned[dynamics] = moved(desk, *tape(desk, 100_020.0))["delta"]
        by_vols = float((vega * (entry.vol[slots] - before) * [2.0, -2.0]).sum())
    assert earned["sticky_delta"] - earned["sticky_strike"] == pytest.approx(by_vols, rel=0.01)
    assert abs(by_vols) > 0.5


def test_a_smile_that_is_quoted_elsewhere_is_vegas(quoting_desk):
    desk = quoting_desk("sticky_delta")
    held(desk)
    vega = desk.state.risk.underlyings[0].exposure.vega_cash
    terms = moved(desk, *chain(desk, level=0.51))
    assert terms["vega"] == pytest.approx(vega, rel=0.2)
    assert abs(terms["delta"]) < 1e-6


def test_another_choice_is_taken_up_with_the_next_fit(quoting_desk):
    desk = quoting_desk("sticky_strike")
    changed = msgspec.structs.replace(desk.state.parameters, smiles=Smiles("quotes", "sticky_delta", 0.0))
    desk.feed(Configured(encode_parameters(changed)), *chain(desk))
    assert (desk.state.market.underlyings[0].surface.slope != 0.0).any()
    vols = desk.state.market.underlyings[0].vol.copy()
    desk.feed(*tape(desk, 100_300.0))
    assert (desk.state.market.underlyings[0].vol != vols).any()


def test_vols_are_shown_as_exchanges_quote_them(quoting_desk):
    """In its last day a vol is of a shorter life; the screen's is of the calendar's, so that the price is the same."""
    entry = quoting_desk().state.market.underlyings[0]
    tenor = int(entry.surface.state.argmax())
    entry.averages.life[tenor], entry.averages.years[tenor] = 0.003, 0.002
    shown = smiles.calendar_vol(entry, tenor, 0.6)
    assert shown**2 * 0.003 == pytest.approx(0.6**2 * 0.002)
    entry.averages.life[tenor] = entry.averages.years[tenor] = 0.0
    assert smiles.calendar_vol(entry, tenor, 0.6) == 0.6
