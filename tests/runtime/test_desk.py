"""One turn: folded, remembered, and only then answered."""

from decimal import Decimal

import pytest

from flatbook.engine import checks, encode_parameters, new_state
from flatbook.events import Batch, Beat, Configured, Deposited, Gap, Index, Listed, Pause, Top
from flatbook.instruments import Perpetual
from flatbook.journal import effects_digest
from flatbook.runtime import load_config
from flatbook.runtime.desk import Desk

NS = 1_767_686_400_000_000_000


class Diary:
    """A journal and a world in one, which write down what is asked of them, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.batches: list[Batch] = []
        self.digests: list[bytes] = []

    def append(self, batch: Batch, digest: bytes) -> None:
        self.done.append("append")
        self.batches.append(batch)
        self.digests.append(digest)

    def wait_durable(self, sequence: int) -> None:
        self.done.append("durable")

    def send(self, requests, at_ns: int) -> None:
        self.done.append("send")

    def show(self, state, batch, effects) -> None:
        self.done.append("show")


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def desk(diary):
    return Desk(new_state(load_config(None).parameters()), diary, diary, durable=True, watchers=[diary.show])


def opening(ns: int) -> list:
    """A market in which the desk has something to ask."""
    perpetual = Perpetual("alpha", "BTC-PERPETUAL", "BTC", "USD", "BTC", Decimal("0.5"), Decimal(10), inverse=True)
    return [Listed(0, perpetual), Index("BTC", 92_000.0, ns), Top(0, 91_999.5, 92_000.5, 1e5, 1e5, ns)]


def test_requests_leave_after_the_batch_that_caused_them_is_on_the_disk(desk, diary):
    desk.turn([Deposited("d1", "alpha", "BTC", Decimal(20)), *opening(NS)], NS)
    assert diary.done == ["append", "durable", "send", "show"]
    assert desk.requests_sent == 2


@pytest.mark.parametrize("fact", [Deposited("d1", "alpha", "BTC", Decimal(20)), Pause("ann", "stop")], ids=["money", "command"])
def test_nobody_is_shown_an_account_fact_or_a_command_that_could_still_be_lost(desk, diary, fact):
    desk.turn([fact], NS)
    assert diary.done == ["append", "durable", "show"]


def test_market_events_that_caused_nothing_are_not_waited_for(desk, diary):
    desk.turn([Index("BTC", 92_000.0, NS), Gap("alpha"), Beat()], NS)
    assert diary.done == ["append", "show"]


def test_a_backtest_waits_for_nothing(diary):
    desk = Desk(new_state(load_config(None).parameters()), diary, diary, durable=False)
    desk.turn([Deposited("d1", "alpha", "BTC", Decimal(20)), *opening(NS)], NS)
    assert diary.done == ["append", "send"]


def test_a_desk_without_a_journal_trades_all_the_same(diary):
    desk = Desk(new_state(load_config(None).parameters()), diary, None, durable=False)
    desk.turn([Deposited("d1", "alpha", "BTC", Decimal(20)), *opening(NS)], NS)
    assert diary.done == ["send"]


def test_batches_are_numbered_and_the_clock_never_goes_back(desk, diary):
    for now_ns in (NS, NS + 5, NS + 3, NS + 9):
        desk.turn([Beat()], now_ns)
    assert [batch.sequence for batch in diary.batches] == [1, 2, 3, 4]
    assert [batch.local_ns - NS for batch in diary.batches] == [0, 5, 5, 9]


def test_the_digest_is_that_of_effects_and_figures(desk, diary):
    effects = desk.turn([Configured(encode_parameters(load_config(None).parameters())), *opening(NS)], NS)
    assert diary.digests == [effects_digest(effects, checks(desk.state))]
