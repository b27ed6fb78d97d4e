"""Every event survives the wire and the journal as the same fact."""

from decimal import Decimal
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import flatbook.events as events
from flatbook.basics import BUY
from flatbook.events import Batch, Event, Fill, Listed, Top
from flatbook.instruments import Perpetual

PERP = Perpetual("alpha", "BTC-PERP", "BTC", "USDC", "USDC", Decimal("0.5"), Decimal("0.001"))
FILL = Fill("f1", 7, 0, BUY, Decimal("0.1"), Decimal("2.50"), Decimal("-0.0001"), "BTC", True, 5)
TOP = Top(0, 99.5, 100.5, 1.0, 2.0, 5)


def there_and_back(batch: Batch) -> Batch:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(batch), type=Batch)


@given(st.text(max_size=20), st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 2**62))
def test_a_fill_comes_back_to_the_last_digit(fill_id, price, instant):
    fill = msgspec.structs.replace(FILL, fill_id=fill_id, price=price, exchange_ns=instant)
    (back,) = there_and_back(Batch(1, 1, (fill,))).events
    assert back == fill
    assert str(back.price) == str(price)


def test_a_batch_keeps_its_events_in_order_and_its_clock():
    batch = Batch(3, 1_767_686_400_000_000_000, (Listed(0, PERP), TOP, FILL))
    assert there_and_back(batch) == batch


def test_an_absent_side_stays_absent():
    (top,) = there_and_back(Batch(1, 1, (Top(0, float("nan"), 100.5, 0.0, 2.0, 5),))).events
    assert top.bid != top.bid


def test_every_kind_of_event_has_a_tag_of_its_own():
    tags = [msgspec.inspect.type_info(kind).tag for kind in get_args(Event)]
    assert len(set(tags)) == len(tags)


def test_every_kind_of_event_can_be_had_at_the_door():
    assert {kind.__name__ for kind in get_args(Event)} <= set(events.__all__)
    assert all(hasattr(events, name) for name in events.__all__)


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_a_fact_is_never_changed_afterwards(kind):
    assert kind.__struct_config__.frozen
    assert kind.__struct_config__.array_like


@pytest.mark.parametrize("wrong", [b"", b"\x93\x01\x01", msgspec.msgpack.encode((1, 1, (("rumour", 1),)))])
def test_what_is_no_batch_is_never_taken_for_one(wrong):
    with pytest.raises(msgspec.MsgspecError):
        msgspec.msgpack.decode(wrong, type=Batch)
