"""Tapes: from a raw line to an event."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from flatbook.basics import BUY, NS_PER_SECOND, SELL, InputFault
from flatbook.events import Depth, Gap, Index, Listed, Top, Trade
from flatbook.instruments import Perpetual, Spot
from flatbook.venues.importers import Selection


def line(local_ns, stream, **data):
    return f"{local_ns} " + json.dumps({"stream": stream, "data": data}, separators=(",", ":"))


def ticker(local_ns, symbol="btcusdt", u=1, b="100.0", a="100.2", **more):
    return line(local_ns, f"{symbol}@bookTicker", u=u, s=symbol.upper(), b=b, B="2", a=a, A="3", **more)


def trade(local_ns, symbol="btcusdt", maker=True, q="0.5"):
    return line(
        local_ns, f"{symbol}@trade", e="trade", E=7, s=symbol.upper(), t=1, p="100.1", q=q, b=88, a=99, T=6, m=maker, M=True
    )


def depth(local_ns, symbol="btcusdt", first=1, last=2, bids=(("99.9", "1"),), asks=(("100.3", "4"),), **more):
    data = {"e": "depthUpdate", "E": 7, "s": symbol.upper(), "U": first, "u": last, "b": list(bids), "a": list(asks)}
    return line(local_ns, f"{symbol}@depth@100ms", **(data | more))


def refused(read, source):
    with pytest.raises(InputFault) as caught:
        read(source)
    return str(caught.value)


def test_a_best_bid_and_offer_becomes_a_top(read, write_tape):
    arrivals, _ = read(write_tape("usdm/btcusdt_20240808.gz", [ticker(50, E=7)]))
    assert arrivals[1] == (50, Top(0, 100.0, 100.2, 2.0, 3.0, 7_000_000))


def test_spots_top_bears_the_stamp_of_its_arrival(read, write_tape):
    arrivals, _ = read(write_tape("spot/btcusdt_20240808.gz", [ticker(50)]))
    assert arrivals[1][1].exchange_ns == 50


def test_the_taker_sold_when_the_buyer_was_the_maker(read, write_tape):
    arrivals, _ = read(write_tape("usdm/btcusdt_20240808.gz", [trade(50), trade(51, maker=False)]))
    assert [event for _, event in arrivals[1:]] == [Trade(0, 100.1, 0.5, SELL, 7_000_000), Trade(0, 100.1, 0.5, BUY, 7_000_000)]


def test_each_change_gives_the_whole_book_known_so_far(read, write_tape):
    tape = [depth(50), depth(51, first=3, last=4, bids=[("99.8", "5"), ("99.9", "0")], asks=[])]
    arrivals, _ = read(write_tape("spot/btcusdt_20240808.gz", tape))
    assert [event for _, event in arrivals[1:]] == [
        Depth(0, (99.9,), (1.0,), (100.3,), (4.0,), 7_000_000),
        Depth(0, (99.8,), (5.0,), (100.3,), (4.0,), 7_000_000),
    ]


def test_a_snapshot_in_the_tape_fills_the_book(read, write_tape):
    snapshot = '51 {"lastUpdateId":2,"bids":[["99.9","1"],["99.0","8"]],"asks":[["100.3","4"]]}'
    arrivals, _ = read(write_tape("spot/btcusdt_20240808.gz", [depth(50), snapshot]))
    assert arrivals[-1] == (51, Depth(0, (99.9, 99.0), (1.0, 8.0), (100.3,), (4.0,), 51))


def test_coin_margined_contracts_become_dollars(read, write_tape):
    write_tape("cm/btcusd_perp_20240808.gz", [trade(50, "btcusd_perp", q="3")])
    folder = write_tape("cm/ethusd_perp_20240808.gz", [depth(51, "ethusd_perp", pu=0)])
    (_, bitcoin), (_, ether), (_, dealt), (_, book) = read(folder)[0]
    assert bitcoin.contract == Perpetual(
        "binance-cm", "BTCUSD_PERP", "BTC", "USD", "BTC", Decimal("0.1"), Decimal(100), inverse=True
    )
    assert ether.contract.lot == Decimal(10)
    assert dealt.quantity == 300.0
    assert (book.bid_sizes, book.ask_sizes) == ((10.0,), (40.0,))


def test_the_index_is_spots_middle_once_a_second(read, write_tape):
    second = 1_000_000_000
    stamps = [1, 2, second - 1, second, second + 1, 3 * second + 5]
    arrivals, _ = read(write_tape("spot/btcusdt_20240808.gz", [ticker(stamp) for stamp in stamps]))
    indices = [(instant, event) for instant, event in arrivals if isinstance(event, Index)]
    assert [instant for instant, _ in indices] == [1, second, 3 * second + 5]
    assert indices[0][1] == Index("BTC", pytest.approx(100.1), 1)


def test_perpetuals_tell_no_index(read, write_tape):
    arrivals, _ = read(write_tape("usdm/btcusdt_20240808.gz", [ticker(50, E=7)]))
    assert not any(isinstance(event, Index) for _, event in arrivals)


def test_tapes_merge_by_their_local_stamps_and_all_is_listed_first(read, write_tape):
    write_tape("spot/btcusdt_20240808.gz", [trade(10), trade(40)])
    write_tape("spot/btcusdt_20240809.gz", [trade(60)])
    folder = write_tape("usdm/ethusdt_20240808.gz", [trade(20, "ethusdt"), trade(40, "ethusdt")])
    arrivals, _ = read(folder)
    assert [(instant, event.row) for instant, event in arrivals] == [
        (10, 0),
        (10, 1),
        (10, 0),
        (20, 1),
        (40, 0),
        (40, 1),
        (60, 0),
    ]
    assert [type(event.contract) for _, event in arrivals[:2]] == [Spot, Perpetual]


def test_a_hole_in_the_updates_is_a_gap_of_the_venue(read, write_tape):
    arrivals, notes = read(write_tape("spot/btcusdt_20240808.gz", [depth(50), depth(51, first=9, last=9)]))
    assert arrivals[-2] == (51, Gap("binance-spot"))
    assert any("1 holes" in note for note in notes)


def test_a_window_starts_with_a_book_built_from_what_came_before(read, write_tape):
    tape = [depth(50), depth(60, first=3, last=4, bids=[("99.8", "5")], asks=[]), depth(70, first=5, last=6)]
    arrivals, _ = read(write_tape("spot/btcusdt_20240808.gz", tape), Selection(start_ns=55, end_ns=65))
    assert arrivals[0] == (60, Listed(0, arrivals[0][1].contract))
    assert [event.bids for _, event in arrivals[1:]] == [(99.9, 99.8)]


@pytest.mark.parametrize("window", [Selection(end_ns=1), Selection(start_ns=2 * NS_PER_SECOND)])
def test_a_window_without_an_event_is_refused_with_the_span_of_all_tapes(read, write_tape, window):
    write_tape("spot/btcusdt_20240808.gz", [ticker(50), ticker(NS_PER_SECOND, u=2)])
    folder = write_tape("usdm/btcusdt_20240808.gz", [ticker(20), ticker(60, u=2)])
    span = "nothing in the window; it runs from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z"
    with pytest.raises(InputFault, match=span):
        read(folder, window)


@pytest.mark.parametrize(
    ("spoilt", "wrong"),
    [
        ("soon {}", "invalid literal"),
        ("51 not json", "no bookTicker, trade or depth message"),
        (ticker(51, "ethusdt"), "of the symbol in the file's name"),
        (line(51, "btcusdt@kline_1m", x=1), "no bookTicker, trade or depth message"),
        (line(51, "btcusdt@trade", p="100"), "missing required field"),
        (ticker(51, b="cheap"), "Expected `float`"),
        (ticker(49), "goes back in time"),
        (ticker(51)[:-9], "truncated"),
    ],
)
def test_a_spoilt_line_is_refused_by_its_number(read, write_tape, spoilt, wrong):
    sentence = refused(read, write_tape("spot/btcusdt_20240808.gz", [ticker(50), spoilt]))
    assert "spot/btcusdt_20240808.gz, line 2" in sentence
    assert wrong in sentence


def test_a_tape_that_breaks_off_is_refused_by_its_last_line(read, write_tape):
    folder = write_tape("spot/btcusdt_20240808.gz", [ticker(50 + number) for number in range(100)])
    file = folder / "spot/btcusdt_20240808.gz"
    file.write_bytes(file.read_bytes()[:-12])
    assert "breaks off after line" in refused(read, folder)


def test_an_unknown_instrument_is_refused_with_those_that_are_known(read, write_tape):
    sentence = refused(read, write_tape("spot/dogeusdt_20240808.gz", [ticker(50, "dogeusdt")]))
    assert "spot/dogeusdt_20240808.gz" in sentence
    assert "spot/btcusdt" in sentence


@pytest.mark.real
def test_every_real_message_is_kept_and_the_rebuilt_books_agree_with_the_best_bid_and_offer(read, real):
    arrivals, _ = read(real("binance_l2"))
    kinds = Counter(type(event) for _, event in arrivals)
    assert kinds[Top] + kinds[Trade] + kinds[Depth] == 524_627
    assert (kinds[Gap], kinds[Listed]) == (0, 6)
    tops, books, agreeing, crossing = {}, Counter(), Counter(), 0
    for _, event in arrivals:
        if isinstance(event, Top):
            tops[event.row] = event
        elif isinstance(event, Depth) and event.row in tops:
            top = tops[event.row]
            books[event.row] += 1
            agreeing[event.row] += (event.bids[:1], event.asks[:1]) == ((top.bid,), (top.ask,))
            crossing += event.bids[:1] >= (top.ask,) or event.asks[:1] <= (top.bid,)
            assert not (event.bids and event.asks) or event.bids[0] < event.asks[0]
    assert all(agreeing[row] / count > 0.99 for row, count in books.items())
    assert crossing < 0.001 * sum(books.values())
