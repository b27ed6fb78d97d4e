"""Every event survives the journal to the last bit, and a digest notices everything."""

import struct
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbook.basics import BUY, SELL, InputFault, Side
from flatbook.events import Batch, Beat, Event, Listed
from flatbook.instruments import Contract
from flatbook.journal import decode_batch, effects_digest, encode_batch
from flatbook.journal.codec import event_shape, pack, row_crc, unpack
from flatbook.orders import Cancel, Place, Purpose

PLAIN = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(),
    bool: st.booleans(),
    str: st.text(max_size=20),
    bytes: st.binary(max_size=40),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    Side: st.sampled_from(Side),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type, so that a new event or field is tested the day it is written."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, UnionType):
        return st.one_of(*map(values_of, get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=6).map(tuple)
    return st.builds(kind, **{name: values_of(hint) for name, hint in get_type_hints(kind).items()})


EVENTS = get_args(Event)


def read_back(batch: Batch) -> Batch:
    decoded = decode_batch(encode_batch(batch))
    # repr tells NaN from nothing, 1.0 from 1 and Decimal("1.0") from Decimal("1"); == would not.
    assert repr(decoded) == repr(batch)
    assert encode_batch(decoded) == encode_batch(batch)
    return decoded


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_kind_of_event_comes_back_as_it_was(kind, data):
    event = data.draw(values_of(kind))
    assert type(read_back(Batch(1, 5, (event,))).events[0]) is kind


@pytest.mark.parametrize("kind", get_args(Contract), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_kind_of_contract_is_listed_as_it_was(kind, data):
    listed = Listed(3, data.draw(values_of(kind)))
    assert read_back(Batch(1, 5, (listed,))).events[0].contract == listed.contract


@given(st.lists(values_of(Event), max_size=8), values_of(int), values_of(int))
def test_a_batch_keeps_its_number_its_clock_and_the_order_of_its_events(events, sequence, local_ns):
    batch = read_back(Batch(sequence, local_ns, tuple(events)))
    assert [type(event) for event in batch.events] == [type(event) for event in events]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        encode_batch(Batch(1, 2, (Beat(),)))[:-1],
        encode_batch(Batch(1, 2, (Beat(),))) + b"\x00",
        msgspec.msgpack.encode([1, 2, [["no such event"]]]),
        msgspec.msgpack.encode(["1", 2, []]),
        msgspec.msgpack.encode([1, 2, [["trade", 0, 1.0, 1.0, 0, 0]]]),
        b"\x93\x01\x02\x91\x92\xa3gap\xa1\xff",
    ],
    ids=["nothing", "a number", "cut short", "a byte too many", "unknown tag", "text for a number", "no such side", "no UTF-8"],
)
def test_bytes_that_are_no_batch_are_a_fault_in_one_sentence(data):
    with pytest.raises(InputFault, match=r"^is not a batch of events .*flatbook that wrote it\.$"):
        decode_batch(data)


PLACE = Place(1, 2, BUY, Decimal("0.05"), Decimal("1.5"), Purpose.QUOTE)


def test_the_digest_of_a_known_step_never_changes():
    assert effects_digest((PLACE, Cancel(3, 4)), (1.5, -2.25)).hex() == "8d50a728f24a660d34ecc5c42c42e0f5"
    assert len(effects_digest((), ())) == 16


@pytest.mark.parametrize(
    ("effects", "numbers"),
    [
        ((PLACE,), (1.0, 2.0)),
        ((Cancel(3, 4), PLACE), (1.0, 2.0)),
        ((PLACE, Cancel(3, 5)), (1.0, 2.0)),
        ((msgspec.structs.replace(PLACE, side=SELL), Cancel(3, 4)), (1.0, 2.0)),
        ((msgspec.structs.replace(PLACE, price=Decimal("0.050")), Cancel(3, 4)), (1.0, 2.0)),
        ((PLACE, Cancel(3, 4)), (2.0, 1.0)),
        ((PLACE, Cancel(3, 4)), (1.0, 2.0000000000000004)),
        ((PLACE, Cancel(3, 4)), (1.0, 2.0, 0.0)),
    ],
    ids=["one fewer", "another order", "another id", "another side", "another exponent", "swapped", "one bit", "one more number"],
)
def test_a_digest_differs_as_soon_as_anything_does(effects, numbers):
    assert effects_digest(effects, numbers) != effects_digest((PLACE, Cancel(3, 4)), (1.0, 2.0))


def test_a_digest_sees_the_sign_of_zero_and_lives_with_absent_numbers():
    assert effects_digest((), (0.0,)) != effects_digest((), (-0.0,))
    assert effects_digest((), (float("nan"),)) == effects_digest((), (float("nan"),))


@given(st.lists(st.floats(), max_size=5), st.lists(st.floats(), max_size=5))
def test_two_digests_agree_exactly_when_the_bits_do(some, others):
    same = struct.pack(f"{len(some)}d", *some) == struct.pack(f"{len(others)}d", *others)
    assert (effects_digest((), some) == effects_digest((), others)) == same


class Reasons(msgspec.Struct, tag="reasons"):
    parts: dict[str, float]


def test_a_digest_does_not_depend_on_the_order_in_which_reasons_were_written_down():
    assert effects_digest([Reasons({"fair": 1.0, "lean": 2.0})], ()) == effects_digest([Reasons({"lean": 2.0, "fair": 1.0})], ())


@given(st.binary(max_size=3000), st.one_of(st.none(), st.integers(0, 3000)))
def test_what_is_packed_is_unpacked(body, above):
    assert unpack(*pack(body, above)) == body


@given(st.binary(min_size=1, max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_flipped_byte_changes_the_checksum_of_its_row(body, place, flip):
    place %= len(body)
    flipped = body[:place] + bytes([body[place] ^ flip]) + body[place + 1 :]
    assert row_crc(1, 0, b"d", body) != row_crc(1, 0, b"d", flipped)
    assert row_crc(1, 0, b"d", body) not in (row_crc(2, 0, b"d", body), row_crc(1, 1, b"d", body), row_crc(1, 0, b"e", body))


def test_the_shape_of_the_events_has_one_name_whatever_order_unions_are_written_in():
    assert event_shape() == event_shape()
    assert len(event_shape()) == 16
