"""The order of quotes: what is looked at first comes first, and stays there."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import NS_PER_DAY, parse_utc
from flatbook.dashboard.reading_order import anchored_spots, in_reading_order, option_terms
from flatbook.engine.snapshot import QuoteView

NOW_NS = parse_utc("2026-01-06T08:00:00Z")
SPOTS = {"BTC": 93_600.0, "ETH": 3_200.0}
SORTED = [
    "alpha:BTC-PERPETUAL",
    "alpha:BTC-27MAR26",
    "alpha:BTC-30JAN26-94000-C",
    "alpha:BTC-30JAN26-94000-P",
    "alpha:BTC-30JAN26-93000-C",
    "alpha:BTC-30JAN26-110000-C",
    "alpha:BTC-7JAN26-94000-C",
    "alpha:BTC-25DEC26-94000-C",
    "alpha:ETH-PERPETUAL",
    "alpha:ETH-7JAN26-3200-P",
]


def quote(key: str, side: str = "buy") -> QuoteView:
    return QuoteView(key, key.split(":")[1][:3], side, 0.05, 1.0, "working", 0.5, {})


def keys(quotes: list[QuoteView]) -> list[str]:
    return [each.key for each in quotes]


@given(st.permutations([key for key in SORTED if key != "alpha:BTC-30JAN26-94000-P"]))
def test_futures_come_first_then_the_month_and_the_money(shuffled):
    ordered = keys(in_reading_order([quote(key) for key in shuffled], SPOTS, NOW_NS))
    of_options = [key for key in SORTED if key != "alpha:BTC-30JAN26-94000-P" and option_terms(key)]
    assert [key for key in ordered if option_terms(key)] == of_options
    assert {ordered[0], ordered[1]} == set(SORTED[:2])
    assert ordered[-2:] == SORTED[-2:]


def test_quotes_of_one_strike_keep_the_desks_order():
    sides = [quote(key, side) for key in SORTED for side in ("buy", "sell")]
    assert in_reading_order(sides, SPOTS, NOW_NS) == sides


def test_rows_stay_while_spot_moves_little_and_follow_when_it_has_gone(make_snapshot):
    views = make_snapshot().underlyings
    held = anchored_spots({}, views)
    assert held == {view.name: view.spot for view in views}
    nudged = [msgspec.structs.replace(view, spot=1.02 * view.spot) for view in views]
    assert anchored_spots(held, nudged) == held
    gone = [msgspec.structs.replace(view, spot=0.9 * view.spot) for view in views]
    assert anchored_spots(held, gone) == {view.name: view.spot for view in gone}


@pytest.mark.parametrize(
    ("key", "day", "strike"),
    [
        ("deribit:BTC-6JAN26-90000-C", "2026-01-06", 90_000.0),
        ("beta:ETH_USDC-27MAR26-3200-P", "2026-03-27", 3_200.0),
        ("deribit:XRP_USDC-27MAR26-2d4-P", "2026-03-27", 2.4),
    ],
)
def test_a_key_says_expiry_and_strike(key, day, strike):
    terms = option_terms(key)
    assert (terms.expiry_day * NS_PER_DAY, terms.strike) == (parse_utc(day), strike)


@pytest.mark.parametrize("key", ["spot:BTC", "alpha:BTC-27MAR26", "alpha:BTC-31FEB26-90000-C", ""])
def test_a_key_that_names_no_option_has_no_terms(key):
    assert option_terms(key) is None
