"""The step itself: batches in order, on a clock that never goes back, in the same words for the same state."""

import pytest

from flatbook.basics import BUY, NS_PER_MS
from flatbook.engine import Alert, step
from flatbook.events import Batch, Beat, Gap
from flatbook.journal import decode_state, encode_state, fingerprint


@pytest.mark.parametrize("sequence", [0, 2, 4, 1_000])
def test_a_batch_out_of_order_is_a_bug(desk, sequence):
    desk.feed(Beat())
    with pytest.raises(AssertionError, match="cannot follow 2"):
        step(desk.state, Batch(sequence, desk.ns, ()))


def test_a_clock_that_goes_back_is_a_bug(desk):
    with pytest.raises(AssertionError, match="never goes back"):
        step(desk.state, Batch(2, desk.ns - 1, (Beat(),)))


def test_a_clock_that_stands_still_is_not(desk):
    step(desk.state, Batch(2, desk.ns, (Beat(),)))
    assert desk.state.sequence == 2


def test_an_empty_batch_only_moves_the_clock(running):
    marked_ns = running.state.risk.underlyings[0].marked_ns
    assert running.feed(after_ms=1) == ()
    assert running.state.now_ns == running.ns
    assert running.state.risk.underlyings[0].marked_ns == marked_ns


def test_requests_come_before_alerts(running):
    effects = running.feed(Gap("alpha"))
    kinds = [isinstance(effect, Alert) for effect in effects]
    assert kinds == sorted(kinds)
    assert kinds[-1]


def test_events_are_counted(running):
    before = running.state.events_applied
    running.feed(Beat(), Beat(), Gap("spot"))
    assert running.state.events_applied == before + 3


def test_a_desk_put_away_and_taken_out_again_goes_on_as_if_nothing_had_been(running):
    running.feed(running.hit("BTC-30D-100000-C", BUY), *running.market(100_400.0))
    twin = type(running)(decode_state(encode_state(running.state), type(running.state)), running.rows, running.ns, running.fills)
    for spot in (100_800.0, 99_500.0, 103_000.0):
        assert running.feed(*running.market(spot, 0.55)) == twin.feed(*twin.market(spot, 0.55))
    assert fingerprint(running.state) == fingerprint(twin.state)


def test_the_batch_is_the_input_and_not_the_event(make_desk):
    """Cut otherwise, the same events meet another risk in between: that is why the journal keeps batches."""
    once, twice = make_desk(), make_desk()
    for desk in (once, twice):
        desk.settle(desk.open())
        assert desk.ns == once.ns
    shock, back = once.market(103_000.0), once.market(100_000.0)
    together = once.feed(*shock, *back, after_ms=100)
    apart = twice.feed(*shock, after_ms=100), twice.feed(*back, after_ms=0)
    assert together == ()
    assert len(apart[0]) > 0, "the desk answered the shock before it was over"
    assert once.state.now_ns - twice.state.now_ns < NS_PER_MS
    assert fingerprint(once.state) != fingerprint(twice.state)
