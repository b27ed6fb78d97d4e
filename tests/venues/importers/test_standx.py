"""StandX: books, trades, and who took."""

from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest

from flatbook.basics import BUY, NS_PER_MS, SELL, InputFault, parse_utc
from flatbook.events import Depth, Listed, Trade
from flatbook.venues.importers import Selection

OPEN_NS = parse_utc("2026-01-06T08:00:00Z")


def book(received_at, bid=100.0, ask=100.2, **fields):
    made = {
        "timestamp": received_at - 0.4,
        "received_at": received_at,
        "symbol": "BTC-USD",
        "bid_prices": [bid, bid - 0.1],
        "bid_quantities": [1.0, 2.0],
        "ask_prices": [ask, ask + 0.1],
        "ask_quantities": [3.0, 4.0],
        "is_valid": True,
    }
    return made | fields


def trade(received_at, price, side="SELL", **fields):
    made = {
        "timestamp": received_at - 0.3,
        "received_at": received_at,
        "symbol": "BTC-USD",
        "price": price,
        "quantity": 0.01,
        "side": side,
    }
    return made | fields


def refused(read, source):
    with pytest.raises(InputFault) as caught:
        read(source)
    return str(caught.value)


def test_the_perpetual_is_listed_then_books_and_trades_come_by_arrival(read, write_standx):
    arrivals, _ = read(write_standx([book(1.0), book(3.0, bid=100.1)], [trade(2.0, 100.2)]))
    assert [(instant - OPEN_NS) // NS_PER_MS for instant, _ in arrivals] == [1000, 1000, 2000, 3000]
    listed, first, dealt, _ = (event for _, event in arrivals)
    assert isinstance(listed, Listed)
    assert (listed.contract.venue, listed.contract.settlement, listed.contract.inverse) == ("standx", "USD", False)
    assert (listed.contract.tick, listed.contract.lot) == (Decimal("0.1"), Decimal("0.0001"))
    assert first == Depth(0, (100.0, 99.9), (1.0, 2.0), (100.2, 100.3), (3.0, 4.0), OPEN_NS + 600 * NS_PER_MS)
    assert isinstance(dealt, Trade)
    assert (dealt.price, dealt.exchange_ns) == (100.2, OPEN_NS + 1_700 * NS_PER_MS)


def test_a_book_that_repeats_the_one_before_is_left_out_and_counted(read, write_standx):
    arrivals, notes = read(write_standx([book(1.0), book(1.0), book(2.0), book(3.0, bid=99.0), book(4.0)]))
    assert [(instant - OPEN_NS) // NS_PER_MS for instant, event in arrivals if isinstance(event, Depth)] == [1000, 3000, 4000]
    assert any("2 of 5 books repeated" in note for note in notes)


def test_repetition_is_seen_across_files(read, write_standx):
    write_standx([book(1.0)], hour="08")
    arrivals, _ = read(write_standx([book(2.0)], hour="09"))
    assert sum(isinstance(event, Depth) for _, event in arrivals) == 1


def test_a_book_the_source_calls_invalid_is_left_out(read, write_standx):
    arrivals, _ = read(write_standx([book(1.0), book(2.0, bid=99.0, is_valid=False)]))
    assert len(arrivals) == 2


def test_trades_out_of_order_are_sorted_by_arrival_and_counted(read, write_standx):
    arrivals, notes = read(write_standx([book(1.0)], [trade(3.0, 100.2), trade(2.0, 100.0), trade(4.0, 100.0)]))
    assert [event.price for _, event in arrivals if isinstance(event, Trade)] == [100.0, 100.2, 100.0]
    assert any("1 of 3 trades arrived out of order" in note for note in notes)


def test_a_trade_comes_before_the_book_of_the_same_instant(read, write_standx):
    arrivals, _ = read(write_standx([book(1.0), book(2.0, bid=99.0)], [trade(2.0, 100.0)]))
    assert [type(event) for _, event in arrivals] == [Listed, Depth, Trade, Depth]


def test_sides_that_the_source_tells_apart_are_believed(read, write_standx):
    arrivals, notes = read(write_standx([book(1.0)], [trade(2.0, 100.0, "BUY"), trade(3.0, 100.2, "SELL")]))
    assert [event.side for _, event in arrivals if isinstance(event, Trade)] == [BUY, SELL]
    assert not any("derived" in note for note in notes)


def test_where_everybody_sells_the_taker_is_derived_from_the_book(read, write_standx):
    trades = [trade(2.0, 100.2), trade(2.1, 100.0), trade(2.2, 100.15), trade(2.3, 100.1)]
    arrivals, notes = read(write_standx([book(1.0)], trades))
    assert [event.side for _, event in arrivals if isinstance(event, Trade)] == [BUY, SELL, BUY, SELL]
    assert any("derived" in note for note in notes)


def test_without_a_fresh_book_the_last_change_of_price_decides(read, write_standx):
    trades = [trade(60.0, 50.0), trade(61.0, 51.0), trade(62.0, 51.0), trade(63.0, 50.0)]
    arrivals, _ = read(write_standx([book(1.0)], trades))
    assert [event.side for _, event in arrivals if isinstance(event, Trade)] == [BUY, BUY, BUY, SELL]


def test_a_window_keeps_what_lies_in_it_and_lists_at_its_first_event(read, write_standx):
    folder = write_standx([book(1.0), book(5.0, bid=99.0), book(9.0)])
    arrivals, _ = read(folder, Selection(start_ns=OPEN_NS + 2_000 * NS_PER_MS, end_ns=OPEN_NS + 6_000 * NS_PER_MS))
    assert [(instant - OPEN_NS) // NS_PER_MS for instant, _ in arrivals] == [5000, 5000]
    for window in (Selection(end_ns=1), Selection(start_ns=parse_utc("2030-01-01"))):
        with pytest.raises(InputFault, match=r"nothing in the window; it runs from 2026-01-06T08:00:0.* to 2026-01-06T08:00:"):
            read(folder, window)


@pytest.mark.parametrize(
    ("spoilt", "where", "wrong"),
    [
        (book(2.0, symbol="DOGE-USD"), "row 2, symbol", "'DOGE-USD' is not an instrument"),
        (book(2.0, bid_quantities=[1.0]), "row 2, bid_quantities", "not as many numbers as bid_prices"),
        (book(2.0, ask_quantities=[1.0, 0.0]), "row 2, ask_quantities", "not above zero"),
        (book(2.0, ask_prices=[-1.0, 2.0]), "row 2, ask_prices", "not above zero"),
    ],
)
def test_a_spoilt_book_is_refused_by_file_row_and_field(read, write_standx, spoilt, where, wrong):
    sentence = refused(read, write_standx([book(1.0), spoilt]))
    assert f"orderbook_BTC-USD_2026-01-06_08.parquet, {where}" in sentence
    assert wrong in sentence


@pytest.mark.parametrize(
    ("spoilt", "where", "wrong"),
    [
        (trade(2.0, -1.0), "row 2, price", "-1.0 is not above zero"),
        (trade(2.0, 1.0, quantity=float("nan")), "row 2, quantity", "nan is not above zero"),
        (trade(2.0, 1.0, side="HOLD"), "row 2, side", "'HOLD' is not a side"),
    ],
)
def test_a_spoilt_trade_is_refused_by_file_row_and_field(read, write_standx, spoilt, where, wrong):
    sentence = refused(read, write_standx([book(1.0)], [trade(1.0, 100.0), spoilt]))
    assert f"trades_BTC-USD_2026-01-06_08.parquet, {where}" in sentence
    assert wrong in sentence


def test_files_that_overlap_in_time_are_refused(read, write_standx):
    write_standx([book(5.0)], hour="08")
    assert "lies before the end of the file before it" in refused(read, write_standx([book(1.0)], hour="09"))


def test_a_missing_column_is_named(read, write_standx):
    row = book(1.0)
    del row["ask_quantities"]
    assert "has no column ask_quantities" in refused(read, write_standx([row]))


@pytest.mark.real
def test_the_real_day_keeps_every_trade_and_every_book_that_changed(read, real):
    arrivals, _ = read(real("standx"), Selection(start_ns=OPEN_NS, end_ns=parse_utc("2026-01-06T10:00:00Z")))
    depths = [event for _, event in arrivals if isinstance(event, Depth)]
    trades = [event for _, event in arrivals if isinstance(event, Trade)]
    instants = [instant for instant, _ in arrivals]
    assert instants == sorted(instants)
    assert instants[0] == OPEN_NS + 1_470_068_000
    assert all(len(depth.bids) == len(depth.asks) == 20 for depth in depths)
    assert all(depth.bids[0] <= depth.asks[0] for depth in depths)
    assert all(msgspec.structs.astuple(one)[:5] != msgspec.structs.astuple(other)[:5] for one, other in pairwise(depths))
    bought = sum(trade.side is BUY for trade in trades) / len(trades)
    assert 0.3 < bought < 0.8
