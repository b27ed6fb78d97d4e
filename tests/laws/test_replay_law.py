"""replay(journal(run)) = run: the journal's batches, folded again, give what they gave, here and in another process."""

import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flatbook.basics import NS_PER_MS, NS_PER_SECOND, parse_utc
from flatbook.engine import Effect, Parameters, State, checks, encode_parameters, new_state, step
from flatbook.events import Batch, Beat, Configured, Deposited, Event, Flatten, Gap, Pause, ReduceOnly, Resume
from flatbook.journal import Journal, JournalReader, effects_digest, fingerprint, new_header
from flatbook.runtime import load_config, replay_journal
from flatbook.runtime.desk import Desk
from flatbook.runtime.recovery import genesis, recover
from flatbook.simulation import MarketParameters, SimulatedMarket, TakerParameters, Takers
from flatbook.venues.paper import LatencyParameters, PaperWorld

START_NS = parse_utc("2026-01-06T07:59:50Z")
SMALL = MarketParameters(strikes=3)
BUSY = TakerParameters(per_hour=20_000.0, perpetual_per_hour=5_000.0)

SAID = st.sampled_from(
    (
        Pause("ann", "why not"),
        Resume("ann", "enough"),
        ReduceOnly("ann", "careful"),
        Flatten("ann", "out"),
        Gap("alpha"),
        Gap("beta"),
        Beat(),
    )
)
# A turn: how long after the last one it comes, in ms, and what is said in it besides what the world says.
TURNS = st.lists(
    st.tuples(st.sampled_from((1, 20, 100, 400, 1_000, 11_000)), st.lists(SAID, max_size=1)), min_size=5, max_size=25
)


def eager() -> Parameters:
    """The built-in settings, but with no edge at all, so that takers trade with us all the time."""
    given = load_config(None).parameters()
    free = {"edge_vol_points": 0.0, "edge_bps": 0.0, "hedge_share": 0.0, "stale_vol_points": 0.0, "min_days": 0.0}
    return msgspec.structs.replace(given, quoting=msgspec.structs.replace(given.quoting, **free))


def paper_world(seed: int) -> PaperWorld:
    """A small simulated market with many takers; ten seconds after its start options expire."""
    market, config = SimulatedMarket(seed, START_NS, parameters=SMALL), load_config(None)
    return PaperWorld(
        market,
        config.venues,
        latency=LatencyParameters(request_ns=4 * NS_PER_MS, response_ns=4 * NS_PER_MS),
        takers=Takers(seed, BUSY, market.fair, start_ns=START_NS),
        deposits=[(deposit.venue, deposit.asset, deposit.amount) for deposit in config.deposits],
        seed=seed,
    )


def run(path: Path, seed: int, turns: list[tuple[int, list[Event]]]) -> Desk:
    """A desk that takes these turns, its journal at `path`."""
    with Journal.create(path, new_header(created_ns=START_NS, seed=seed, market="simulated")) as journal:
        desk = Desk(new_state(eager()), paper_world(seed), journal, durable=False)
        now_ns, first = START_NS, [Configured(encode_parameters(eager()))]
        for wait_ms, said in turns:
            now_ns += wait_ms * NS_PER_MS
            desk.turn([*first, *desk.world.advance(now_ns), *said], now_ns)
            first = []
        return desk


def folded(path: Path) -> tuple[State, list[bytes]]:
    """The state and the digests of folding the journal once more."""
    state, digests = None, []
    with JournalReader(path) as reader:
        for entry in reader.batches():
            state = state or genesis(entry.batch, path)
            digests.append(effects_digest(step(state, entry.batch), checks(state)))
    assert state is not None
    return state, digests


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> Path:
    """A journal of half a minute with fills, hedges, an expiry and a few commands in it."""
    path = tmp_path_factory.mktemp("law") / "run.journal"
    said: dict[int, list[Event]] = {60: [Pause("ann", "lunch")], 70: [Resume("ann", "back")], 140: [Gap("alpha")]}
    desk = run(path, 3, [(200, said.get(number, [])) for number in range(160)])
    assert desk.state.pnl.fill_count > 20
    return path


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32), turns=TURNS)
def test_replaying_the_journal_of_a_run_is_the_run(seed, turns):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.journal"
        desk = run(path, seed, turns)
        outcome = replay_journal(path)
        assert outcome.difference is None
        assert outcome.batches == len(turns)
        with Journal.open(path) as journal:
            assert fingerprint(recover(journal).saved.state) == fingerprint(desk.state)


def test_the_same_batches_give_the_same_digests_twice(journal):
    first, second = folded(journal), folded(journal)
    assert first[1] == second[1]
    assert fingerprint(first[0]) == fingerprint(second[0])


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_with_another_hash_seed_gives_the_same_digests(journal, hash_seed):
    """The order of a set of texts differs from process to process: nothing that is decided may hang on it."""
    code = (
        "import sys, importlib.util as u; from pathlib import Path\n"
        f"spec = u.spec_from_file_location('law', {__file__!r}); law = u.module_from_spec(spec); spec.loader.exec_module(law)\n"
        "state, digests = law.folded(Path(sys.argv[1])); print(law.fingerprint(state), b''.join(digests).hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(journal)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    state, digests = folded(journal)
    assert done.stdout.split() == [fingerprint(state), b"".join(digests).hex()]


def test_a_run_of_the_same_seed_is_the_same_run(tmp_path):
    turns: list[tuple[int, list[Event]]] = [(150, []) for _ in range(40)]
    first, second = (run(tmp_path / name, 9, turns) for name in ("first", "second"))
    assert fingerprint(first.state) == fingerprint(second.state)
    assert fingerprint(run(tmp_path / "third", 10, turns).state) != fingerprint(first.state)


def test_the_same_events_cut_into_other_batches_give_other_requests():
    """Why the batch is the input, and not the event: see docs/DETERMINISM.md."""
    instants, events = SimulatedMarket(3, START_NS, parameters=SMALL).take(START_NS + 3 * NS_PER_SECOND)

    def cut(every_ns: int) -> tuple[list[Effect], State]:
        state, effects = new_state(eager()), list[Effect]()
        batches: list[list[Event]] = [[] for _ in range(3 * NS_PER_SECOND // every_ns)]
        batches[0].append(Deposited("d1", "alpha", "BTC", Decimal(20)))
        for ns, event in zip(instants, events, strict=True):
            batches[max(0, ns - START_NS - 1) // every_ns].append(event)
        for number, batch in enumerate(batches, start=1):
            effects += step(state, Batch(number, START_NS + number * every_ns, tuple(batch)))
        return effects, state

    (fine, fine_state), (coarse, coarse_state) = cut(100 * NS_PER_MS), cut(1_500 * NS_PER_MS)
    assert fine_state.events_applied == coarse_state.events_applied == len(events) + 1
    assert fine_state.now_ns == coarse_state.now_ns
    assert fine
    assert coarse
    assert fine != coarse
