"""A snapshot is the state to the last bit: what is decoded steps on exactly as what was encoded."""

from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from flatbook.basics import BUY, Flags, Floats, InputFault, Ints, Side, filled
from flatbook.instruments import Spot, Universe
from flatbook.journal import decode_state, encode_state, fingerprint

COIN = Spot("ven", "BTC-USD", "BTC", "USD", Decimal("0.5"), Decimal("0.001"))


class Cell(msgspec.Struct):
    row: int
    side: Side
    cost: Decimal
    column: Floats | None = None


class Synthetic(msgspec.Struct):
    now_ns: int
    prices: list[Floats]
    counts: Ints
    live: Flags
    covariance: Floats
    cells: dict[int, Cell]
    ladder: dict[tuple[int, str], float]
    universe: Universe
    reason: str = ""


@pytest.fixture
def state() -> Synthetic:
    universe = Universe([], {}, {}, [], [], [])
    universe.list_contract(COIN)
    return Synthetic(
        now_ns=1_767_686_400_000_000_000,
        prices=[np.array([1.5, np.nan, -0.0, np.inf]), filled(0, 0.0)],
        counts=np.array([-(2**62), 3], dtype=np.int64),
        live=np.array([True, False, True]),
        covariance=np.arange(6.0).reshape(2, 3),
        cells={7: Cell(7, BUY, Decimal("1.230")), -2: Cell(-2, Side.SELL, Decimal("1E+3"), filled(3, 2.0))},
        ladder={(30, "25d call"): 1.25, (7, "50d"): float("nan")},
        universe=universe,
        reason="größer",
    )


def test_a_state_comes_back_with_every_bit_every_type_and_its_order(state):
    back = decode_state(encode_state(state), Synthetic)
    assert encode_state(back) == encode_state(state)
    assert back.prices[0].tobytes() == state.prices[0].tobytes()
    assert [column.dtype for column in (back.counts, back.live, back.covariance)] == [np.int64, np.bool_, np.float64]
    assert back.covariance.shape == (2, 3)
    assert list(back.cells) == [7, -2]
    assert back.cells[7] == state.cells[7]
    assert back.cells[-2].column is not None
    assert list(back.ladder) == [(30, "25d call"), (7, "50d")]
    assert back.universe.contracts == [COIN]
    assert back.universe.row("ven", "BTC-USD") == 0


def test_a_recovered_column_can_be_written_to_without_touching_the_snapshot(state):
    data = encode_state(state)
    decode_state(data, Synthetic).counts[0] = 99
    assert decode_state(data, Synthetic).counts[0] == -(2**62)


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0), elements=st.floats(width=64)))
def test_any_column_keeps_its_shape_and_bits(column):
    class Holder(msgspec.Struct):
        column: Floats

    back = decode_state(encode_state(Holder(column)), Holder).column
    assert (back.shape, back.tobytes()) == (column.shape, column.tobytes())


def test_a_column_seen_through_a_stride_is_kept_as_it_reads(state):
    state.counts = np.arange(10, dtype=np.int64)[::3]
    assert decode_state(encode_state(state), Synthetic).counts.tolist() == [0, 3, 6, 9]


def test_a_fingerprint_is_the_same_for_equal_states_and_not_for_a_single_bit(state):
    before = fingerprint(state)
    assert len(before) == 32
    assert fingerprint(decode_state(encode_state(state), Synthetic)) == before
    state.prices[0][0] = np.nextafter(1.5, 2.0)
    assert fingerprint(state) != before


def test_a_fingerprint_sees_the_order_of_a_dictionary_since_iteration_follows_it(state):
    before = fingerprint(state)
    state.cells = dict(reversed(state.cells.items()))
    assert fingerprint(state) != before


def test_one_column_in_two_places_is_a_bug(state):
    state.prices[1] = state.prices[0]
    with pytest.raises(AssertionError, match="same column in two places"):
        encode_state(state)


def test_what_no_snapshot_can_keep_is_refused_and_named(state):
    state.reason = object()
    with pytest.raises(NotImplementedError, match="state holds a object"):
        encode_state(state)
    state.reason, state.counts = "", np.array(["text"])
    with pytest.raises(AssertionError, match="not of numbers or flags"):
        encode_state(state)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"now_ns", b"not_ns"),
        lambda data: data.replace(b"<i8", b"<f8"),
        lambda data: data.replace(b"<i8", b"<?8"),
    ],
    ids=["nothing", "cut short", "another field", "another kind of column", "no kind of column"],
)
def test_a_snapshot_of_another_version_is_a_fault_that_says_what_to_do(state, damage):
    with pytest.raises(InputFault, match=r"^snapshot: does not fit this version's Synthetic .*flatbook that wrote it\.$"):
        decode_state(damage(encode_state(state)), Synthetic)
