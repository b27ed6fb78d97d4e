"""Hyperliquid: pairs of rows, wide books, and trades that are told twice."""

import pytest

from flatbook.basics import BUY, SELL, InputFault
from flatbook.events import Depth, Listed, Top, Trade
from flatbook.venues.importers import Selection
from flatbook.venues.importers.hyperliquid import LEVELS


def price(second, side, number, **more):
    return {"timestamp": f"{second}", "price": f"{number}", "size": "2", "side": side, "exchange_timestamp": "900"} | more


def trade(second, side, number, **more):
    return price(second, side, "100", trade_id=f"{number}") | more


def book(second, **more):
    row = {"timestamp": f"{second}", "sequence": "1", "exchange_timestamp": "900"}
    for level in range(LEVELS):
        row |= {f"bid_price_{level}": f"{99 - level}", f"bid_size_{level}": "1"}
        row |= {f"ask_price_{level}": f"{101 + level}", f"ask_size_{level}": "3"}
    return row | more


@pytest.fixture
def folder(write_csv):
    write_csv("orderbooks_BTC.csv", [book(2)])
    write_csv("trades_BTC.csv", [trade(3, "buy", 1), trade(4, "sell", 2), trade(5, "sell", 2)])
    return write_csv("prices_BTC.csv", [price(1, "bid", 99), price(1, "ask", 101)]).parent


def refused(read, source):
    with pytest.raises(InputFault) as caught:
        read(source)
    return str(caught.value)


def test_top_book_and_trades_come_by_arrival_and_a_trade_told_twice_counts_once(read, folder):
    arrivals, notes = read(folder)
    second = 1_000_000_000
    assert [(instant // second, type(event)) for instant, event in arrivals] == [
        (1, Listed),
        (1, Top),
        (2, Depth),
        (3, Trade),
        (4, Trade),
    ]
    assert arrivals[1][1] == Top(0, 99.0, 101.0, 2.0, 2.0, 900_000_000)
    assert [event.side for _, event in arrivals[3:]] == [BUY, SELL]
    assert any("1 trades of row 0" in note for note in notes)


def test_a_book_has_twenty_levels_best_first(read, folder):
    depth = read(folder)[0][2][1]
    assert (len(depth.bids), depth.bids[:2], depth.asks[:2], depth.ask_sizes[0]) == (20, (99.0, 98.0), (101.0, 102.0), 3.0)


@pytest.mark.parametrize("window", [Selection(end_ns=1), Selection(start_ns=2**61)])
def test_a_window_without_an_event_is_refused_with_the_span(read, folder, window):
    with pytest.raises(InputFault, match="nothing in the window; it runs from "):
        read(folder, window)


def test_trades_older_than_the_first_book_are_no_news(read, folder, write_csv):
    write_csv("trades_BTC.csv", [trade(3, "buy", 1, exchange_timestamp="899"), trade(4, "sell", 2)])
    assert [event.side for _, event in read(folder)[0] if isinstance(event, Trade)] == [SELL]


@pytest.mark.parametrize(
    ("rows", "where", "wrong"),
    [
        ([price(1, "bid", 99), price(1, "bid", 99)], "line 3, side", "breaks the pairs"),
        ([price(1, "bid", 99)], "line 2, side", "breaks the pairs"),
        ([price(1, "bid", 99), price(1, "ask", 0)], "line 3, price", "0.0 is not above zero"),
        ([price(1, "bid", 99), price(0.5, "ask", 99)], "line 3, timestamp", "goes back in time"),
        ([price(1, "bid", "dear"), price(1, "ask", 99)], "line 2, price", "'dear' is not a number"),
    ],
)
def test_spoilt_prices_are_refused_by_line_and_field(read, folder, write_csv, rows, where, wrong):
    write_csv("prices_BTC.csv", rows)
    sentence = refused(read, folder)
    assert f"prices_BTC.csv, {where}" in sentence
    assert wrong in sentence


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "coins", "tops", "books"), [("hyperliquid", 3, 5_395, 1_338), ("hyperliquid/eth_20251210", 1, None, None)]
)
def test_the_real_minutes_keep_every_top_and_book(read, real, name, coins, tops, books):
    arrivals, _ = read(real(name))
    kinds = [type(event) for _, event in arrivals]
    assert kinds.count(Listed) == coins
    assert tops in (None, kinds.count(Top))
    assert books in (None, kinds.count(Depth))
    assert kinds.count(Trade) > 1_000
    assert all(event.bid < event.ask for _, event in arrivals if isinstance(event, Top))
