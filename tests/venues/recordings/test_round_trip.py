"""What was written is what is read."""

import math
from decimal import Decimal

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flatbook.basics import BUY, SELL, InputFault
from flatbook.events import Delisted, Depth, FundingRate, Gap, Index, Listed, Pause, Ticker, Top, Trade
from flatbook.instruments import CALL, Option
from flatbook.venues.recordings import RecordingFeed, RecordingWriter, load_manifest, verify_recording

CALL_90K = Option(
    "deribit", "BTC-27MAR26-90000-C", "BTC", "USD", "BTC", Decimal("0.0001"), Decimal("0.1"),
    1_774_598_400_000_000_000, Decimal(90_000), CALL, True, Decimal("0.0005"), Decimal("0.005"),
)  # fmt: skip


def test_every_kind_of_market_event_survives_the_disk(record, perpetual):
    arrivals = [
        (10, Listed(0, perpetual("A"))),
        (10, Listed(1, CALL_90K)),
        (11, Top(0, 99.9, 100.1, 2.0, 3.0, 9)),
        (11, Depth(0, (99.9, 99.8), (2.0, 1.0), (100.1,), (3.0,), 9)),
        (12, Trade(0, 100.1, 0.5, BUY, 11)),
        (12, Trade(0, 99.9, 0.25, SELL, 11)),
        (13, Ticker(1, 0.05, 0.06, 0.0, 0.0, 0.055, 0.61, 91_000.5, 12)),
        (14, Index("BTC", 90_500.25, 14)),
        (15, FundingRate(0, -0.0001, 15)),
        (16, Gap("somewhere")),
        (17, Delisted(1)),
    ]
    feed = RecordingFeed(record("all", arrivals))
    assert feed.take(100) == ([instant for instant, _ in arrivals], [event for _, event in arrivals])
    assert feed.next_ns() is None


def test_sides_come_back_as_sides_and_contracts_as_equal_contracts(record):
    feed = RecordingFeed(record("one", [(1, Listed(0, CALL_90K)), (2, Trade(0, 0.05, 1.0, SELL, 2))]))
    _, (listed, trade) = feed.take(2)
    assert listed.contract == CALL_90K
    assert trade.side is SELL


def test_an_absent_side_stays_not_a_number(record, perpetual):
    nan = float("nan")
    feed = RecordingFeed(record("absent", [(1, Listed(0, perpetual("A"))), (2, Top(0, nan, 100.0, 0.0, 1.0, 2))]))
    _, (_, top) = feed.take(2)
    assert math.isnan(top.bid)
    assert top.ask == 100.0


def test_books_of_unlike_heights_and_empty_sides_come_back_as_they_were(record, perpetual):
    depths = [Depth(0, (1.0,) * height, (2.0,) * height, (), (), height) for height in (0, 3, 1, 25)]
    feed = RecordingFeed(record("ragged", [(1, Listed(0, perpetual("A"))), *((2, depth) for depth in depths)]), depth_levels=25)
    assert feed.take(2)[1][1:] == depths


def test_a_feed_cuts_books_to_the_levels_that_are_wanted(record, perpetual):
    book = Depth(0, (3.0, 2.0, 1.0), (1.0,) * 3, (4.0, 5.0, 6.0), (1.0,) * 3, 2)
    feed = RecordingFeed(record("cut", [(1, Listed(0, perpetual("A"))), (2, book)]), depth_levels=2)
    assert feed.take(2)[1][1] == Depth(0, (3.0, 2.0), (1.0, 1.0), (4.0, 5.0), (1.0, 1.0), 2)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["top", "trade", "index"]))), cut=st.integers(1, 9))
def test_whatever_the_order_and_however_it_is_taken_it_comes_back_in_order(tmp_path_factory, perpetual, steps, cut):
    arrivals, now = [(1, Listed(0, perpetual("A")))], 1
    for number, (wait, kind) in enumerate(steps):
        now += wait
        made = {
            "top": Top(0, 1.0, 2.0, 1.0, 1.0, number),
            "trade": Trade(0, 1.0, 1.0, BUY, number),
            "index": Index("BTC", 1.0, number),
        }
        arrivals.append((now, made[kind]))
    target = tmp_path_factory.mktemp("law") / "r"
    with RecordingWriter(target, name="law", source="a test") as writer:
        writer.extend(arrivals)
    feed, given_back = RecordingFeed(target), []
    while (instant := feed.next_ns()) is not None:
        given_back += zip(*feed.take(instant + cut - 1), strict=True)
    assert given_back == arrivals


def test_the_manifest_counts_dates_and_names_what_is_inside(record, perpetual):
    folder = record("counted", [(5, Listed(0, perpetual("A"))), (6, Index("BTC", 1.0, 6)), (9, Index("BTC", 2.0, 9))])
    manifest = verify_recording(folder)
    assert (manifest.start_ns, manifest.end_ns, manifest.event_count) == (5, 9, 3)
    assert manifest.counts == {"listings": 1, "indices": 2}
    assert manifest.venues == ["somewhere"]
    assert msgspec.json.decode((folder / "recording.json").read_bytes())["format"] == "flatbook-recording"


def test_the_parts_are_plain_parquet_that_polars_reads_by_itself(record, perpetual):
    folder = record("plain", [(5, Listed(0, perpetual("A"))), (6, Trade(0, 100.0, 0.5, SELL, 4))])
    trades = pl.read_parquet(folder / "trades" / "*.parquet")
    assert trades.rows(named=True) == [
        {"order": 1, "local_ns": 6, "row": 0, "price": 100.0, "quantity": 0.5, "side": -1, "exchange_ns": 4}
    ]
    assert pl.read_parquet(folder / "listings" / "*.parquet")["symbol"].to_list() == ["A"]


def test_an_event_that_goes_back_in_time_is_refused(tmp_path, perpetual):
    with pytest.raises(InputFault, match="goes back in time"), RecordingWriter(tmp_path / "r", name="r", source="x") as writer:
        writer.extend([(2, Listed(0, perpetual("A"))), (1, Delisted(0))])
    assert list(tmp_path.iterdir()) == []


def test_a_recording_holds_market_events_only(record, tmp_path):
    with pytest.raises(AssertionError, match="market events only"):
        record("r", [(1, Pause("someone", "lunch"))])
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_recording_whose_writer_is_interrupted(tmp_path, perpetual):
    def until_the_desk_presses_ctrl_c():
        yield 1, Listed(0, perpetual("A"))
        yield from ((number, Index("BTC", 1.0, number)) for number in range(2, 40_000))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), RecordingWriter(tmp_path / "r", name="r", source="x") as writer:
        writer.extend(until_the_desk_presses_ctrl_c())
    assert list(tmp_path.iterdir()) == []


def test_an_existing_recording_stands_until_its_replacement_is_whole(record, tmp_path, perpetual):
    folder = record("r", [(1, Listed(0, perpetual("A")))])
    with pytest.raises(InputFault, match="exists already"):
        record("r", [])
    with pytest.raises(RuntimeError), RecordingWriter(folder, name="r", source="x", replace=True):
        raise RuntimeError
    assert load_manifest(folder).event_count == 1
    record("r", [(1, Listed(0, perpetual("A"))), (2, Index("BTC", 1.0, 2))], replace=True)
    assert load_manifest(folder).event_count == 2
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_folder_that_is_no_recording_is_never_replaced(tmp_path):
    (tmp_path / "thesis").mkdir()
    with pytest.raises(InputFault, match="not a recording"):
        RecordingWriter(tmp_path / "thesis", name="r", source="x", replace=True)


def test_what_a_killed_import_left_is_swept_away_by_the_next(record, tmp_path, perpetual):
    leftover = tmp_path / ".r.partial" / "tops"
    leftover.mkdir(parents=True)
    (leftover / "00000.parquet").write_bytes(b"half")
    folder = record("r", [(1, Listed(0, perpetual("A")))])
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert verify_recording(folder).event_count == 1
