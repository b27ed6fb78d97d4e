"""Two recordings as one market."""

import pytest

from flatbook.basics import InputFault
from flatbook.events import Index, Listed, Top
from flatbook.venues.recordings import MergedFeed, RecordingFeed, merge_feeds, open_feed


def top(row, number):
    return Top(row, 1.0, 2.0, 1.0, 1.0, number)


@pytest.fixture
def chain(record, perpetual):
    arrivals = [
        (10, Listed(0, perpetual("A"))),
        (15, Index("BTC", 1.0, 15)),
        (30, Listed(1, perpetual("B"))),
        (30, top(1, 30)),
        (31, top(0, 31)),
    ]
    return record("chain", arrivals)


@pytest.fixture
def tape(record, perpetual):
    return record("tape", [(20, Listed(0, perpetual("T", "elsewhere"))), (21, top(0, 21)), (30, top(0, 99)), (40, top(0, 40))])


def test_rows_count_over_both_in_order_of_listing(chain, tape):
    feed = open_feed(f"{chain}+{tape}")
    assert isinstance(feed, MergedFeed)
    assert [contract.symbol for contract in feed.contracts] == ["A", "T", "B"]
    _, events = feed.take(100)
    assert [event.row for event in events if isinstance(event, Listed)] == [0, 1, 2]
    assert [(event.row, event.exchange_ns) for event in events if isinstance(event, Top)] == [
        (1, 21), (2, 30), (1, 99), (0, 31), (1, 40),
    ]  # fmt: skip


def test_events_merge_by_arrival_and_the_first_named_speaks_first_at_a_tie(chain, tape):
    instants, events = merge_feeds([RecordingFeed(chain), RecordingFeed(tape)]).take(100)
    assert instants == [10, 15, 20, 21, 30, 30, 30, 31, 40]
    assert [event.exchange_ns for event in events[5:7]] == [30, 99]
    swapped = merge_feeds([RecordingFeed(tape), RecordingFeed(chain)]).take(100)[1]
    assert swapped[4].exchange_ns == 99


@pytest.mark.parametrize("stops", [[100], [9, 10, 20, 25, 30, 35, 100], list(range(50))])
def test_the_cuts_do_not_change_the_stream(chain, tape, stops):
    whole = open_feed(f"{chain}+{tape}").take(100)
    feed = open_feed(f"{chain}+{tape}")
    pieces = [feed.take(stop) for stop in stops]
    assert [instant for piece in pieces for instant in piece[0]] == whole[0]
    assert [event for piece in pieces for event in piece[1]] == whole[1]
    assert feed.next_ns() is None


def test_span_and_size_are_those_of_all(chain, tape):
    feed = open_feed(f"{chain} + {tape}")
    assert (feed.start_ns, feed.end_ns, feed.event_count) == (10, 40, 9)


def test_a_resumed_pair_continues_where_it_stood(chain, tape):
    whole = open_feed(f"{chain}+{tape}")
    whole.take(30)
    resumed = open_feed(f"{chain}+{tape}", resume_ns=30, known=whole.contracts)
    assert resumed.take(100) == whole.take(100)


def test_a_window_opens_both_and_numbers_what_trades_then_first(chain, tape):
    feed = open_feed(f"{chain}+{tape}", start_ns=25)
    _, events = feed.take(25)
    assert [event.contract.symbol for event in events if isinstance(event, Listed)] == ["A", "T"]
    assert [contract.symbol for contract in feed.contracts] == ["A", "T", "B"]


def test_the_same_contract_in_two_recordings_is_one_row(record, perpetual, tape):
    later = record("later", [(50, Listed(0, perpetual("T", "elsewhere"))), (51, top(0, 51))])
    feed = open_feed(f"{tape}+{later}")
    assert len(feed.contracts) == 1
    assert {event.row for event in feed.take(100)[1]} == {0}


def test_a_folder_with_a_plus_in_its_name_is_one_recording(record, perpetual):
    folder = record("a+b", [(1, Listed(0, perpetual("A")))])
    assert isinstance(open_feed(str(folder)), RecordingFeed)


def test_a_missing_half_is_named(chain, tmp_path):
    with pytest.raises(InputFault, match="nowhere: is not a flatbook recording"):
        open_feed(f"{chain}+{tmp_path / 'nowhere'}")
