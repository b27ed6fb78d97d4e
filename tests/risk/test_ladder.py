"""The ladder: which cell a position stands in, and that the cells add up to the book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.risk import DELTA_BUCKETS, EXPIRY_BUCKETS, ladder
from flatbook.risk.ladder import delta_bucket, dollar_delta, expiry_bucket

SYMBOLS = ["BTC-PERP", "BTC-INVERSE", "BTC-90D", "BTC-30D-80000-P", "BTC-30D-100000-C", "BTC-7D-110000-C", "BTC-7D-95000-P"]


def cells(world) -> dict[tuple[str, str], object]:
    return {(c.expiry_bucket, c.delta_bucket): c for c in ladder(world.block, world.btc, world.marks, world.quantity())}


@pytest.mark.parametrize(
    ("symbol", "expiry", "delta"),
    [
        ("BTC-PERP", "spot & perps", "futures"),
        ("BTC-90D", "<= 3m", "futures"),
        ("BTC-30D-80000-P", "<= 1m", "put <10Δ"),
        ("BTC-30D-80000-C", "<= 1m", "put <10Δ"),
        ("BTC-30D-95000-P", "<= 1m", "put 25-40Δ"),
        ("BTC-30D-100000-C", "<= 1m", "at the money"),
        ("BTC-30D-110000-C", "<= 1m", "call 25-40Δ"),
        ("BTC-30D-120000-P", "<= 1m", "call 10-25Δ"),
        ("BTC-7D-105000-C", "<= 1w", "call 25-40Δ"),
        ("BTC-7D-110000-C", "<= 1w", "call <10Δ"),
    ],
)
def test_a_position_stands_in_its_expiry_and_under_its_out_of_the_money_delta(world, symbol, expiry, delta):
    world.held = {symbol: 1.0}
    assert list(cells(world)) == [(expiry, delta)]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0.5, "<= 1d"),
        (1.0, "<= 1d"),
        (2.0, "<= 3d"),
        (7.0, "<= 1w"),
        (8.0, "<= 2w"),
        (31.0, "<= 1m"),
        (150.0, "<= 6m"),
        (300.0, "> 6m"),
    ],
)
def test_expiries_are_bucketed_by_the_days_left(world, days, bucket):
    slot = world.slot("BTC-30D-100000-C")
    world.marks.years[slot] = days / 365.0
    assert EXPIRY_BUCKETS[expiry_bucket(world.block, world.marks, slot)] == bucket


def test_a_call_and_a_put_of_one_strike_share_a_cell_and_net_in_it(world):
    for strike in (80_000, 95_000, 100_000, 120_000):
        slots = [world.slot(f"BTC-30D-{strike}-{letter}") for letter in "CP"]
        assert len({delta_bucket(world.block, world.btc, world.marks, slot) for slot in slots}) == 1
    world.held = {"BTC-30D-100000-C": 2.0, "BTC-30D-100000-P": -2.0}
    (cell,) = cells(world).values()
    assert cell.vega_cash == pytest.approx(0.0, abs=1e-9)
    assert cell.gamma_cash == pytest.approx(0.0, abs=1e-6)


def test_the_delta_of_the_screen_is_blacks_whatever_the_option_settles_in(world):
    for strike in (90_000, 100_000, 110_000):
        for days in (7, 30):
            call, put = (
                dollar_delta(world.block, world.btc, world.marks, world.slot(f"BTC-{days}D-{strike}-{letter}")) for letter in "CP"
            )
            assert call - put == pytest.approx(1.0)
            assert 0.0 < call < 1.0


@given(st.dictionaries(st.sampled_from(SYMBOLS), st.floats(-50, 50), min_size=1))
def test_the_cells_add_up_to_the_book(make_world, held):
    world = make_world()
    world.held = held
    exposure = world.exposure()
    found = cells(world).values()
    assert sum(cell.gamma_cash for cell in found) == pytest.approx(exposure.gamma_cash, rel=1e-9, abs=1e-6)
    assert sum(cell.vega_cash for cell in found) == pytest.approx(exposure.vega_cash, rel=1e-9, abs=1e-6)
    assert sum(cell.theta_cash for cell in found) == pytest.approx(exposure.theta_cash, rel=1e-9, abs=1e-6)
    # Coins are no row: the premium's own coins stand outside the ladder.
    rows = exposure.delta_cash - exposure.coin_equity * world.btc.spot
    assert sum(cell.delta_cash for cell in found) == pytest.approx(rows, rel=1e-9, abs=1e-6)


def test_the_ladder_reads_from_near_to_far_and_from_low_strikes_to_high(world):
    world.held = dict.fromkeys(reversed(SYMBOLS), 1.0)
    order = [
        (EXPIRY_BUCKETS.index(cell.expiry_bucket), DELTA_BUCKETS.index(cell.delta_bucket))
        for cell in ladder(world.block, world.btc, world.marks, world.quantity())
    ]
    assert order == sorted(order)


def test_an_empty_book_has_an_empty_ladder(world):
    assert cells(world) == {}
