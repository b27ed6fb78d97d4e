"""The columns of the market: room is made, nothing moves, and what is unknown stays neutral."""

from decimal import Decimal

import numpy as np

from flatbook.events import FundingRate
from flatbook.instruments import CALL, PUT, Option
from flatbook.market import observe_funding


def strip(count: int) -> list[Option]:
    return [
        Option(
            "alpha", f"{sign}{k}", "BTC", "USD", "BTC", Decimal("0.0001"), Decimal(1), 2 * 10**18, Decimal(k), sign, inverse=True
        )
        for k in range(count, 0, -1)
        for sign in (CALL, PUT)
    ]


def test_room_is_made_for_every_row_and_what_was_told_stays(make_world):
    world = make_world()
    before = world.btc.bid[: world.block.size].copy()
    world.announce(*strip(100))
    assert world.btc.bid.shape[0] == world.block.capacity >= 200
    assert np.array_equal(world.btc.bid[: before.size], before)
    assert not world.btc.trusted[before.size :].any()
    assert np.isnan(world.btc.bid[before.size : world.block.size]).all()


def test_an_expirys_rows_stand_in_the_order_of_their_strikes_however_they_were_listed(make_world):
    world = make_world()
    world.announce(*strip(20))
    slots = world.btc.tenor_slots[int(world.block.tenor[world.block.size - 1])]
    strikes, signs = world.block.strike[slots], world.block.sign[slots]
    assert strikes.tolist() == sorted(strikes.tolist())
    assert (signs[::2] == PUT).all()
    assert (signs[1::2] == CALL).all()


def test_listing_a_row_again_adds_no_second_node(make_world):
    world = make_world()
    nodes = [slots.size for slots in world.btc.tenor_slots]
    world.announce(*world.universe.contracts)
    assert [slots.size for slots in world.btc.tenor_slots] == nodes


def test_a_funding_rate_is_kept_by_row(world):
    observe_funding(world.market, world.universe, FundingRate(world.row("BTC-INVERSE"), 0.0001, world.ns))
    assert world.btc.funding_rate == {world.slot("BTC-INVERSE"): 0.0001}
