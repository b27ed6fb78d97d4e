"""The desk against an adversary: whatever a market and a venue may do, the books agree and the rules hold after every step."""

from decimal import Decimal

import msgspec
import pytest

from flatbook import ledger
from flatbook.basics import BUY
from flatbook.engine import Alert, Snapshot, State, checks, encode_parameters, new_state, snapshot, step, tie_out, validate
from flatbook.events import BalanceStatement, Batch, Configured, Resume
from flatbook.instruments.contracts import tick_at
from flatbook.inventory import position
from flatbook.journal import decode_state, effects_digest, encode_state, fingerprint
from flatbook.limits import Mode
from flatbook.orders import Amend, Cancel, OrderStatus, Place, Purpose, in_flight_hedges

SEEDS = range(1, 13)
STEPS = 500


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed-{seed}")
def seed(request) -> int:
    return request.param


@pytest.fixture
def battle(adversary, settings, seed):
    """Play: `battle()` yields each batch with the state after it and its effects; what goes wrong is told with its seed."""

    def play(steps: int = STEPS):
        world, state = adversary(seed), new_state(settings)
        events = [Configured(encode_parameters(settings)), *world.opening()]
        for number in range(1, steps + 1):
            batch = Batch(number, world.ns, tuple(events))
            try:
                effects = step(state, batch)
                validate(state)
                yield world, state, batch, effects
            except Exception as error:
                raise AssertionError(f"seed {seed}, step {number} of {steps}: {error!r}") from error
            world.hear(effects)
            events = world.events()

    return play


def test_every_rule_holds_after_every_step(battle):
    for _, state, batch, effects in battle():
        assert abs(tie_out(state)) < 0.01
        assert_one_hedge_at_a_time(state, effects)
        assert_requests_are_fit_for_a_venue(state, effects)
        assert_the_breaker_is_obeyed(state, effects)
        if batch.sequence % 25 == 0:
            assert_every_number_can_be_shown(state)


def test_the_books_are_the_venues_books_whatever_was_told_twice_or_late(battle):
    for world, state, *_ in battle():
        for row in world.accounts.positions:
            assert position(state.inventory, row) == world.accounts.position(row)
        for venue, wallet in world.accounts.cash.items():
            for asset, amount in wallet.items():
                assert ledger.statement_difference(state.ledger, BalanceStatement(venue, asset, amount)) == 0


def test_a_true_statement_never_trips_the_breaker_and_a_false_one_always_does(battle):
    for world, state, batch, effects in battle():
        shouted = [effect.text for effect in effects if isinstance(effect, Alert) and effect.level == "critical"]
        assert world.lied or not [text for text in shouted if "differs by" in text]
        if world.lied and not any(isinstance(event, Resume) for event in batch.events):
            assert state.breaker.mode is not Mode.RUNNING


def test_the_fight_can_be_fought_again_from_its_batches(battle, settings):
    """Replay: the same batches give the same digests and the same state, also from a snapshot in the middle."""
    fought: list[tuple[Batch, bytes]] = []
    last = middle = None
    for _, state, batch, effects in battle():
        fought.append((batch, effects_digest(effects, checks(state))))
        last = state
        if batch.sequence == STEPS // 2:
            middle = encode_state(state)
    assert last is not None
    assert middle is not None
    again, resumed = new_state(settings), decode_state(middle, State)
    for batch, digest in fought:
        assert effects_digest(step(again, batch), checks(again)) == digest
        if batch.sequence > STEPS // 2:
            assert effects_digest(step(resumed, batch), checks(resumed)) == digest
    assert fingerprint(again) == fingerprint(last) == fingerprint(resumed)


def assert_one_hedge_at_a_time(state, effects) -> None:
    for index in range(len(state.universe.blocks)):
        assert len(in_flight_hedges(state.orders, state.universe, index)) <= 1, "one hedge for one exposure"
    hedges = [effect for effect in effects if isinstance(effect, Place) and effect.purpose is not Purpose.QUOTE]
    coins = [state.universe.contracts[hedge.row].underlying for hedge in hedges]
    assert len(set(coins)) == len(coins)


def assert_requests_are_fit_for_a_venue(state, effects) -> None:
    requests = [effect for effect in effects if isinstance(effect, Place | Amend | Cancel)]
    assert len({request.order_id for request in requests}) == len(requests), "one request an order at a time"
    for request in requests:
        order = state.orders.open[request.order_id]
        if isinstance(request, Cancel):
            assert order.status is OrderStatus.PENDING_CANCEL
            continue
        contract = state.universe.contracts[request.row]
        assert state.universe.is_live(request.row), "nothing is asked for that does not trade"
        assert request.price > 0
        assert request.price % tick_at(contract, request.price) == 0
        assert request.quantity > 0
        assert request.quantity % contract.lot == 0
        assert_it_does_not_meet_our_own(state, order, request.price)


def assert_it_does_not_meet_our_own(state, order, price: Decimal) -> None:
    others = [other for other in state.orders.open.values() if other.row == order.row and other.side is not order.side]
    for other in others:
        if Purpose.QUOTE in (order.purpose, other.purpose) and other.status is not OrderStatus.PENDING_NEW:
            assert (price < other.price) if order.side is BUY else (price > other.price), "we never trade with ourselves"


def assert_the_breaker_is_obeyed(state, effects) -> None:
    if state.breaker.mode is Mode.PAUSED:
        assert not [effect for effect in effects if isinstance(effect, Amend)]
        opened = [effect for effect in effects if isinstance(effect, Place)]
        assert all(place.purpose is Purpose.FLATTEN and state.breaker.flattening for place in opened)


def assert_every_number_can_be_shown(state) -> None:
    told = msgspec.json.encode(snapshot(state))
    assert b"null" not in told, "JSON turns what is no number into null"
    assert msgspec.json.decode(told, type=Snapshot).sequence == state.sequence
