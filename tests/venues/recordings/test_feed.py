"""Windows, resumption and rows."""

import pytest

from flatbook.basics import InputFault
from flatbook.events import Delisted, Depth, Index, Listed, Ticker, Top, Trade
from flatbook.venues import Feed
from flatbook.venues.recordings import RecordingFeed


def top(row, number):
    return Top(row, 1.0 + number, 2.0 + number, 1.0, 1.0, number)


@pytest.fixture
def contracts(perpetual):
    return [perpetual("A"), perpetual("B"), perpetual("C")]


@pytest.fixture
def folder(record, contracts):
    """A is listed first and withdrawn at 30; B is listed at 20, C at 40."""
    a, b, c = contracts
    return record(
        "r",
        [
            (10, Listed(0, a)),
            (11, top(0, 11)),
            (12, Index("BTC", 100.0, 12)),
            (20, Listed(1, b)),
            (21, top(1, 21)),
            (22, top(1, 22)),
            (30, Delisted(0)),
            (40, Listed(2, c)),
            (41, top(2, 41)),
            (42, top(1, 42)),
        ],
    )


def everything(feed):
    return feed.take(2**62)[1]


def test_a_recording_feed_is_a_feed(folder):
    feed: Feed = RecordingFeed(folder)
    assert feed.next_ns() == 10
    feed.close()
    assert feed.next_ns() is None


def test_each_event_is_handed_over_once_and_only_when_it_is_due(folder):
    feed = RecordingFeed(folder)
    assert feed.take(9) == ([], [])
    assert feed.take(20)[0] == [10, 11, 12, 20]
    assert feed.take(20) == ([], [])
    assert feed.next_ns() == 21
    assert feed.take(41)[0] == [21, 22, 30, 40, 41]
    assert feed.take(100)[0] == [42]
    assert feed.take(100) == ([], [])


def test_a_feed_knows_its_contracts_span_and_size_before_it_starts(folder, contracts):
    feed = RecordingFeed(folder)
    assert feed.contracts == contracts
    assert (feed.start_ns, feed.end_ns, feed.event_count) == (10, 42, 10)


def test_known_contracts_keep_their_rows_and_new_ones_follow(folder, contracts, perpetual):
    _, b, c = contracts
    feed = RecordingFeed(folder, known=[perpetual("Z"), c])
    listed = {event.contract.symbol: event.row for event in everything(feed) if isinstance(event, Listed)}
    assert listed == {"A": 2, "B": 3, "C": 1}
    assert feed.contracts[3] == b


def test_a_window_that_starts_in_the_middle_opens_with_what_trades_then(folder, contracts):
    feed = RecordingFeed(folder, start_ns=22)
    a, b, _ = contracts
    instants, events = feed.take(22)
    opening = [Listed(0, a), Listed(1, b), top(0, 11), Index("BTC", 100.0, 12), top(1, 21)]
    assert events == [*opening, top(1, 22)]
    assert set(instants) == {22}


def test_what_was_withdrawn_before_the_window_is_not_spoken_of(folder, contracts):
    _, b, c = contracts
    events = everything(RecordingFeed(folder, start_ns=35))
    assert events == [Listed(0, b), Index("BTC", 100.0, 12), top(0, 22), Listed(1, c), top(1, 41), top(0, 42)]


def test_the_opening_repeats_the_last_book_and_ticker_of_each_row(record, perpetual):
    books = [Depth(0, (float(n),), (1.0,), (n + 1.0,), (1.0,), n) for n in (2, 3)]
    ticker = Ticker(1, 0.1, 0.2, 0.0, 0.0, 0.15, 0.5, 100.0, 4)
    listed = [(1, Listed(0, perpetual("A"))), (1, Listed(1, perpetual("B")))]
    folder = record("r", [*listed, (2, books[0]), (3, books[1]), (4, ticker), (9, top(0, 9))])
    assert RecordingFeed(folder, start_ns=5).take(5)[1][2:] == [books[1], ticker]


def test_the_ends_of_a_window_belong_to_it(folder):
    feed = RecordingFeed(folder, start_ns=10, end_ns=21)
    assert feed.take(100)[0] == [10, 11, 12, 20, 21]
    assert feed.end_ns == 21


def test_a_resumed_desk_hears_only_what_came_after_and_keeps_its_rows(folder, contracts):
    whole = RecordingFeed(folder)
    whole.take(22)
    rest = whole.take(100)
    resumed = RecordingFeed(folder, resume_ns=22, known=contracts[:2])
    assert resumed.take(100) == rest


def test_resuming_at_the_end_gives_nothing_more(folder, contracts):
    assert RecordingFeed(folder, resume_ns=42, known=contracts).next_ns() is None


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        ({"start_ns": 43}, "starts at 1970-01-01T00:00:00.000Z but the recording has nothing there"),
        ({"end_ns": 9}, "ends at 1970-01-01T00:00:00.000Z but the recording has nothing there"),
        ({"start_ns": 20, "end_ns": 19}, "before it starts"),
    ],
)
def test_a_window_without_events_is_refused_with_its_span(folder, window, sentence):
    with pytest.raises(InputFault, match=sentence):
        RecordingFeed(folder, **window)


def test_many_row_groups_and_parts_keep_one_order(record, perpetual):
    """More rows than a part holds, of two kinds that come in waves, so that their files end at unlike places."""
    arrivals = [(1, Listed(0, perpetual("A")))]
    for number in range(2, 90_000):
        trade = number % 10_000 < 500 or number % 3 == 0
        arrivals.append((number, Trade(0, 1.0, 1.0, 1, number) if trade else top(0, number)))
    feed = RecordingFeed(record("long", arrivals))
    assert len(feed.manifest.parts) > 3
    instants, events = feed.take(2**62)
    assert instants == [instant for instant, _ in arrivals]
    assert [type(event) for event in events] == [type(event) for _, event in arrivals]
    middle = RecordingFeed(feed.path, start_ns=50_001, end_ns=60_000)
    assert middle.event_count == 10_000
    assert middle.take(2**62)[0][-10_000:] == list(range(50_001, 60_001))
