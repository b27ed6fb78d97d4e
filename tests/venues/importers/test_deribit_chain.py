"""Chains: what a snapshot tells, and what is refused."""

import math
from decimal import Decimal

import polars as pl
import pytest

from flatbook.basics import InputFault, parse_utc
from flatbook.events import Delisted, Index, Listed, Ticker, Top
from flatbook.instruments import CALL, Future, Option, Perpetual
from flatbook.venues.importers import Selection

T1, T2, T3 = "2026-01-05T20:00:00.000000+00:00", "2026-01-06T02:00:00.000000+00:00", "2026-01-06T09:00:00.000000+00:00"
PUT = {"instrument_name": "BTC-6JAN26-90000-P", "option_type": "put", "bid_price": "", "mark_price": "0.0001"}
LATER = {"instrument_name": "BTC-7JAN26-90000-C", "expiry_datetime": "2026-01-07T08:00:00+00:00"}
ETHER = {
    "instrument_name": "ETH-7JAN26-3000-C",
    "expiry_datetime": "2026-01-07T08:00:00+00:00",
    "strike": "3000.0",
    "currency": "ETH",
    "underlying": "3200.0",
    "index_price": "3201.0",
}


def of(kind, arrivals):
    return [event for _, event in arrivals if isinstance(event, kind)]


def test_a_snapshot_lists_then_tells_the_index_then_every_ticker(read, write_csv, option_row):
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", [option_row(**PUT), option_row()]))
    assert [type(event) for _, event in arrivals] == [Listed, Listed, Index, Ticker, Ticker]
    assert {instant for instant, _ in arrivals} == {parse_utc("2026-01-05T20:00:00Z")}


def test_an_option_is_inverse_with_deribits_ticks_and_lots(read, write_csv, option_row):
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", [option_row(), option_row(**ETHER)]))
    bitcoin, ether = (listed.contract for listed in of(Listed, arrivals))
    assert bitcoin == Option(
        "deribit", "BTC-6JAN26-90000-C", "BTC", "USD", "BTC", Decimal("0.0001"), Decimal("0.1"),
        parse_utc("2026-01-06T08:00:00Z"), Decimal(90_000), CALL, True, Decimal("0.0005"), Decimal("0.005"),
    )  # fmt: skip
    assert (ether.settlement, ether.lot) == ("ETH", Decimal(1))


def test_a_ticker_carries_what_the_row_says_and_marks_what_it_leaves_out(read, write_csv, option_row):
    arrivals, notes = read(write_csv("deribit_options_snapshot_1.csv", [option_row(**PUT)]))
    (ticker,) = of(Ticker, arrivals)
    assert math.isnan(ticker.bid)
    assert (ticker.ask, ticker.mark, ticker.mark_vol, ticker.forward) == (0.0445, 0.0001, 0.55, 94_000.5)
    assert (ticker.bid_size, ticker.ask_size) == (0.0, 0.0)
    assert any("no sizes" in note for note in notes)


def test_the_index_of_a_currency_is_the_median_of_its_rows(read, write_csv, option_row):
    rows = [
        option_row(),
        option_row(**PUT, index_price="93991.0"),
        option_row(**LATER, index_price="99999.0"),
        option_row(**ETHER),
    ]
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    assert [(index.asset, index.price) for index in of(Index, arrivals)] == [("BTC", 93_991.0), ("ETH", 3_201.0)]


def test_an_option_is_delisted_at_the_minute_of_its_expiry(read, write_csv, option_row):
    rows = [option_row(), option_row(**LATER), option_row(**LATER, timestamp=T3)]
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    assert [(instant, event.row) for instant, event in arrivals if isinstance(event, Delisted)] == [
        (parse_utc("2026-01-06T08:00:00Z"), 0)
    ]


def test_an_option_that_vanishes_before_expiry_is_delisted_at_the_snapshot_that_lacks_it(read, write_csv, option_row):
    rows = [option_row(), option_row(**LATER), option_row(**LATER, timestamp=T2)]
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    assert [(instant, event.row) for instant, event in arrivals if isinstance(event, Delisted)] == [
        (parse_utc("2026-01-06T02:00:00Z"), 0)
    ]


def test_a_snapshot_of_one_currency_says_nothing_about_the_other(read, write_csv, option_row):
    rows = [option_row(**LATER), option_row(**ETHER), option_row(**LATER, timestamp=T2)]
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    assert of(Delisted, arrivals) == []


def test_rows_are_never_reused_and_a_second_snapshot_lists_only_what_is_new(read, write_csv, option_row):
    rows = [option_row(), option_row(timestamp=T2), option_row(**LATER, timestamp=T2)]
    arrivals, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    assert [(listed.row, listed.contract.symbol) for listed in of(Listed, arrivals)] == [
        (0, "BTC-6JAN26-90000-C"),
        (1, "BTC-7JAN26-90000-C"),
    ]
    assert [ticker.row for ticker in of(Ticker, arrivals)] == [0, 0, 1]


def test_the_order_of_a_snapshots_rows_does_not_matter(read, write_csv, option_row):
    rows = [option_row(), option_row(**PUT), option_row(**LATER), option_row(**ETHER)]
    one, _ = read(write_csv("deribit_options_snapshot_1.csv", rows))
    other, _ = read(write_csv("deribit_options_snapshot_1.csv", rows[::-1]))
    assert repr(one) == repr(other)


def test_a_start_takes_the_last_snapshot_before_it_too(read, write_csv, option_row):
    rows = [option_row(**LATER, timestamp=stamp) for stamp in (T1, T2, T3)]
    file = write_csv("deribit_options_snapshot_1.csv", rows)
    arrivals, _ = read(file, Selection(start_ns=parse_utc("2026-01-06T08:00:00Z")))
    assert sorted({instant for instant, _ in arrivals}) == [parse_utc("2026-01-06T02:00:00Z"), parse_utc("2026-01-06T09:00:00Z")]


def test_an_end_still_delists_what_expires_before_it(read, write_csv, option_row):
    file = write_csv("deribit_options_snapshot_1.csv", [option_row(), option_row(**LATER, timestamp=T3)])
    arrivals, _ = read(file, Selection(end_ns=parse_utc("2026-01-06T08:30:00Z")))
    assert arrivals[-1] == (parse_utc("2026-01-06T08:00:00Z"), Delisted(0))


def test_currencies_can_be_chosen(read, write_csv, option_row):
    file = write_csv("deribit_options_snapshot_1.csv", [option_row(), option_row(**ETHER)])
    arrivals, _ = read(file, Selection(currencies=("ETH",)))
    assert [listed.contract.underlying for listed in of(Listed, arrivals)] == ["ETH"]


def test_parquet_and_a_folder_of_gzipped_csv_give_the_same_events(read, write_csv, option_row, tmp_path):
    rows = [option_row(), option_row(**PUT), option_row(**LATER, timestamp=T2)]
    write_csv("deribit_options_snapshot_1.csv.gz", rows[:2])
    folder = write_csv("deribit_options_snapshot_2.csv.gz", rows[2:]).parent
    numbers = ("underlying", "strike", "bid_price", "ask_price", "mark_price", "implied_volatility", "index_price")
    stamps = ("timestamp", "expiry_datetime")
    frame = pl.DataFrame([{name: value or None for name, value in row.items()} for row in rows]).with_columns(
        pl.col(numbers).cast(pl.Float64),
        pl.col(stamps).str.to_datetime(time_unit="us", time_zone="UTC"),
        pl.col("instrument_name").cast(pl.Categorical),
    )
    frame.write_parquet(tmp_path / "chain.parquet")
    assert repr(read(folder)[0]) == repr(read(tmp_path / "chain.parquet")[0])


def test_candles_become_modelled_tops_one_tick_to_either_side(read, write_csv, option_row):
    folder = write_csv("deribit_options_snapshot_1.csv", [option_row()]).parent
    perpetual = {"obs_datetime": T1, "instrument_name": "BTC-PERPETUAL", "candle_price_used": "94010.5"}
    future = {"timestamp": T1, "futures_instrument_name": "BTC-27MAR26", "term_mark_price_final": "95000.0"}
    write_csv("perpetual_1m_at_snapshots.csv", [perpetual])
    write_csv("dated_futures_at_snapshots.csv.gz", [future])
    arrivals, notes = read(folder)
    _, swap, dated = (listed.contract for listed in of(Listed, arrivals))
    assert isinstance(swap, Perpetual)
    assert (swap.inverse, swap.settlement, swap.lot) == (True, "BTC", Decimal(10))
    assert isinstance(dated, Future)
    assert dated.expiry_ns == parse_utc("2026-03-27T08:00:00Z")
    tops = of(Top, arrivals)
    assert [(top.bid, top.ask) for top in tops] == [(94_010.0, 94_011.0), (94_997.5, 95_002.5)]
    assert any("modelled" in note for note in notes)


def refused(read, source):
    with pytest.raises(InputFault) as caught:
        read(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "where", "wrong"),
    [
        ({"bid_price": "cheap"}, "line 3, bid_price", "'cheap' is not a number"),
        ({"mark_price": ""}, "line 3, mark_price", "is empty"),
        ({"strike": "-5"}, "line 3, strike", "-5.0 is not above zero"),
        ({"ask_price": "-0.1"}, "line 3, ask_price", "-0.1 is not a price"),
        ({"implied_volatility": "nan"}, "line 3, implied_volatility", "is not above zero"),
        ({"timestamp": "yesterday"}, "line 3, timestamp", "'yesterday' is not a UTC date and time"),
        ({"timestamp": "2026-01-05T19:59:59+00:00"}, "line 3, timestamp", "goes back in time"),
        ({"option_type": "straddle"}, "line 3, option_type", "'straddle' is not an option type"),
        ({"currency": "DOGE"}, "line 3, currency", "'DOGE' is not a currency"),
        ({"instrument_name": "BTC-PIZZA"}, "line 3, instrument_name", "'BTC-PIZZA' is not an instrument"),
        ({"instrument_name": "BTC-6JUX26-90000-P"}, "line 3, instrument_name", "is not an instrument"),
        ({"instrument_name": "BTC-31FEB26-90000-P"}, "line 3, instrument_name", "'BTC-31FEB26-90000-P' is not an instrument"),
        ({"instrument_name": "BTC-6JAN26-95000-P"}, "line 3, instrument_name", "a put of 95000"),
        ({"instrument_name": "BTC-6JAN26-90000-C", "option_type": "call"}, "line 3, instrument_name", "comes twice"),
    ],
)
def test_a_spoilt_cell_is_refused_in_one_sentence_with_file_line_and_field(read, write_csv, option_row, fields, where, wrong):
    source = write_csv("deribit_options_snapshot_1.csv", [option_row(), option_row(**(PUT | fields))])
    sentence = refused(read, source)
    assert f"deribit_options_snapshot_1.csv, {where}" in sentence
    assert wrong in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_missing_column_is_named(read, write_csv, option_row):
    rows = [{name: value for name, value in option_row().items() if name != "mark_price"}]
    assert "has no column mark_price" in refused(read, write_csv("deribit_options_snapshot_1.csv", rows))


def test_a_column_of_the_wrong_type_is_named(read, write_csv, option_row, tmp_path):
    frame = pl.DataFrame([option_row()]).with_columns(strike=pl.lit([1.0]))
    frame.write_parquet(tmp_path / "chain.parquet")
    assert "column strike: holds List(Float64) where a number is expected" in refused(read, tmp_path / "chain.parquet")


def test_files_in_the_wrong_order_of_time_are_refused(read, write_csv, option_row):
    write_csv("deribit_options_snapshot_1.csv", [option_row(**LATER, timestamp=T2)])
    folder = write_csv("deribit_options_snapshot_2.csv", [option_row(timestamp=T1)]).parent
    assert "is not after the last snapshot" in refused(read, folder)


def test_a_file_that_is_no_parquet_is_refused(read, tmp_path):
    (tmp_path / "chain.parquet").write_bytes(b"PAR1 no more")
    assert "cannot be read as Parquet" in refused(read, tmp_path / "chain.parquet")


def test_a_gzipped_csv_cut_short_is_refused(read, write_csv, option_row):
    file = write_csv("deribit_options_snapshot_1.csv.gz", [option_row(), option_row(**PUT)])
    file.write_bytes(file.read_bytes()[:-40])
    assert "deribit_options_snapshot_1.csv.gz" in refused(read, file)


def test_a_window_without_a_snapshot_is_refused(read, write_csv, option_row):
    file = write_csv("deribit_options_snapshot_1.csv", [option_row()])
    with pytest.raises(InputFault, match="no snapshot in the window"):
        read(file, Selection(end_ns=1))


@pytest.mark.parametrize(
    "window",
    [
        Selection(start_ns=parse_utc("2030-01-01")),
        Selection(end_ns=parse_utc("2020-01-01")),
        Selection(start_ns=parse_utc("2026-01-06T03:00:00Z"), end_ns=parse_utc("2026-01-06T08:00:00Z")),
    ],
)
def test_a_refused_window_says_from_when_to_when_the_source_runs(read, write_csv, option_row, window):
    file = write_csv("deribit_options_snapshot_1.csv", [option_row(**LATER, timestamp=stamp) for stamp in (T1, T2, T3)])
    with pytest.raises(InputFault, match=r"no snapshot in the window; it runs from 2026-01-05T20:00.* to 2026-01-06T09:00"):
        read(file, window)


def test_the_last_snapshot_before_an_instant_is_had_by_asking(read, write_csv, option_row):
    file = write_csv("deribit_options_snapshot_1.csv", [option_row(**LATER, timestamp=stamp) for stamp in (T1, T2, T3)])
    instant = parse_utc("2026-01-06T03:00:00Z")
    arrivals, _ = read(file, Selection(start_ns=instant, end_ns=instant, or_before=True))
    assert {stamp for stamp, _ in arrivals} == {parse_utc("2026-01-06T02:00:00Z")}


SWAPS, DATED = "perpetual_1m_at_snapshots.csv", "dated_futures_at_snapshots.csv.gz"


@pytest.mark.parametrize(
    ("name", "names", "values", "wrong"),
    [
        (
            SWAPS,
            ("obs_datetime", "instrument_name", "candle_price_used"),
            (T1, "BTC-PERP", "1"),
            "'BTC-PERP' is not an instrument",
        ),
        (SWAPS, ("obs_datetime", "instrument_name", "candle_price_used"), (T1, "BTC-PERPETUAL", "0"), "0.0 is not a price"),
        (
            DATED,
            ("timestamp", "futures_instrument_name", "term_mark_price_final"),
            (T1, "BTC", "1"),
            "'BTC' is not an instrument",
        ),
        (DATED, ("timestamp", "term_mark_price_final"), (T1, "1"), "no column futures_instrument_name"),
    ],
)
def test_a_spoilt_candle_file_is_refused(read, write_csv, option_row, name, names, values, wrong):
    folder = write_csv("deribit_options_snapshot_1.csv", [option_row()]).parent
    write_csv(name, [dict(zip(names, values, strict=True))])
    sentence = refused(read, folder)
    assert name in sentence
    assert wrong in sentence


@pytest.mark.real
def test_the_real_day_holds_the_options_of_its_four_snapshots_and_the_one_before(read, real):
    window = Selection(start_ns=parse_utc("2026-01-06"), end_ns=parse_utc("2026-01-07"))
    arrivals, _ = read(real("deribit_chain"), window)
    instants = [(instant, event) for instant, event in arrivals if isinstance(event, Ticker)]
    counts = {stamp: sum(instant == stamp for instant, _ in instants) for stamp, _ in instants}
    assert list(counts.values()) == [1312, 1316, 1332, 1334, 1338]
    assert min(counts) == parse_utc("2026-01-05T21:21:30") + 249_804_000
    assert max(counts) == parse_utc("2026-01-06T21:21:21") + 170_927_000
    expired = [instant for instant, event in arrivals if isinstance(event, Delisted)]
    assert (len(expired), set(expired)) == (64, {parse_utc("2026-01-06T08:00:00Z")})
    assert {event.asset for event in of(Index, arrivals)} == {"BTC", "ETH"}


@pytest.mark.real
def test_the_real_crash_is_the_same_from_parquet_and_from_the_original_csv(read, real):
    window = Selection(start_ns=parse_utc("2026-01-30T04:25:15") + 531_747_000, end_ns=parse_utc("2026-02-08T22:00:00Z"))
    parquet, _ = read(real("deribit_chain/btc_eth_6h_20251230_20260531.parquet"), window)
    csv, _ = read(real("deribit_chain/csv"), window)
    assert repr(parquet) == repr(csv)
    assert len(of(Ticker, csv)) == 63_648
    assert min(index.price for index in of(Index, csv) if index.asset == "BTC") < 64_000
