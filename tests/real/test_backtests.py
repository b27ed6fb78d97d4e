"""The real day and the crash, in windows short enough for every run: real chains, a real book, and books that tie out."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from flatbook.basics import NS_PER_MINUTE, parse_utc
from flatbook.cli.import_command import import_recording
from flatbook.dashboard.reports import RunRecord, backtest_page
from flatbook.events import Depth, Fill, Listed, Ticker, Top
from flatbook.instruments import contract_key
from flatbook.journal import JournalReader
from flatbook.runtime import replay_journal, run_backtest

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
MEMORY_MB = 500
MORNING = ("2026-01-06T08:00:00Z", "2026-01-06T08:20:00Z")
OVER_A_SNAPSHOT = ("2026-01-06T09:10:00Z", "2026-01-06T09:30:00Z")  # the chain is told anew at 09:20

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (DATA / "deribit_chain").is_dir(), reason="the recorded data is not beside this checkout"),
]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> Path:
    """The options of the day, the StandX perpetual of its morning, and one day of the crash."""
    folder = tmp_path_factory.mktemp("recordings")
    chain, tape = DATA / "deribit_chain", DATA / "standx"
    import_recording(chain, folder / "chain", start="2026-01-05T21:00:00Z", end="2026-01-06T12:00:00Z", currencies=("BTC",))
    import_recording(tape, folder / "tape", start="2026-01-06T08:00:00Z", end="2026-01-06T09:31:00Z")
    import_recording(chain, folder / "crash", start="2026-02-05", end="2026-02-06")
    return folder


@pytest.fixture(scope="module")
def run(recordings, tmp_path_factory):
    """Run the desk over a window of the day, or over the crash, and keep the journal."""
    kept = tmp_path_factory.mktemp("journals")

    def window(name: str, start: str | None = None, end: str | None = None) -> tuple[RunRecord, Path]:
        spec = "+".join(str(recordings / piece) for piece in name.split("+"))
        journal = kept / f"{name} {(start or '')[11:13]}.journal"
        start_ns, end_ns = (None if text is None else parse_utc(text) for text in (start, end))
        return run_backtest(spec, start_ns=start_ns, end_ns=end_ns, journal=journal), journal

    return window


@pytest.fixture(scope="module", params=[MORNING, OVER_A_SNAPSHOT], ids=["08:00", "09:10"])
def day(run, request) -> tuple[RunRecord, Path]:
    return run("chain+tape", *request.param)


@pytest.fixture(scope="module")
def crash(run) -> tuple[RunRecord, Path]:
    return run("crash")


def assert_it_ties_out(record: RunRecord) -> None:
    assert record.tie_out.differences == []
    assert record.tie_out.gap_usd < 0.01
    assert record.final.pnl_usd == pytest.approx(sum(record.final.pnl_terms.values()), abs=0.01)
    for point in record.timeline:
        assert point.pnl_usd == pytest.approx(sum(point.pnl_terms.values()), abs=0.01)


def assert_it_runs_again(record: RunRecord, journal: Path) -> None:
    outcome = replay_journal(journal)
    assert outcome.difference is None
    assert outcome.batches == record.counts.batches


def test_the_day_ties_out_to_the_cent(day):
    assert_it_ties_out(day[0])


def test_the_day_runs_again_equal_in_every_batch(day):
    assert_it_runs_again(*day)


def test_the_day_has_quotes_fills_and_hedges_against_the_recorded_book(day):
    record, journal = day
    assert {fill.purpose for fill in record.fills} == {"quote", "hedge"}
    assert {fill.kind for fill in record.fills if fill.purpose == "quote"} >= {"option"}
    assert {fill.key.partition(":")[0] for fill in record.fills if fill.purpose == "hedge"} <= {"standx", "deribit"}
    with JournalReader(journal) as reader:
        kinds = [type(event) for entry in reader.batches() for event in entry.batch.events]
    assert kinds.count(Fill) == len(record.fills) > 5
    assert Ticker in kinds
    assert record.final.mode == "running", record.final.mode_reason
    assert sum(fill.spread_usd for fill in record.fills) == pytest.approx(record.final.pnl_terms["spread"])


def test_between_snapshots_the_tape_moves_spot_and_forwards(day):
    record, _ = day
    spots = [point.underlyings["BTC"].spot for point in record.timeline[5:]]
    assert len(set(spots)) > len(spots) // 2
    assert all(90_000 < spot < 97_000 for spot in spots)


def test_a_hedge_pays_what_the_recorded_book_showed(day):
    """Prices of hedges lie within the levels that the book of their own contract showed in the window."""
    record, journal = day
    keys: dict[int, str] = {}
    shown: dict[str, list[float]] = {}
    with JournalReader(journal) as reader:
        for event in (event for entry in reader.batches() for event in entry.batch.events):
            match event:
                case Listed(row, contract):
                    keys[row] = contract_key(contract)
                case Top():
                    shown.setdefault(keys[event.row], []).extend((event.bid, event.ask))
                case Depth():
                    shown.setdefault(keys[event.row], []).extend((*event.bids, *event.asks))
    hedges = [fill for fill in record.fills if fill.purpose == "hedge"]
    assert hedges
    for hedge in hedges:
        assert min(shown[hedge.key]) <= hedge.price <= max(shown[hedge.key])
        assert abs(hedge.price / hedge.fair - 1) < 0.002


def test_a_day_of_the_crash_ties_out_and_runs_again(crash):
    record, journal = crash
    assert_it_ties_out(record)
    assert_it_runs_again(record, journal)
    spots = [point.underlyings["BTC"].spot for point in record.timeline if point.underlyings["BTC"].spot > 0]
    assert max(spots) / min(spots) > 1.05, "it was a crash"
    assert {view.name for view in record.final.underlyings} == {"BTC", "ETH"}
    assert abs(record.final.pnl_terms["residual"]) < 0.1 * sum(abs(term) for term in record.final.pnl_terms.values())


def test_what_expires_in_the_crash_is_delivered_and_gone(crash):
    record, _ = crash
    now_ns = record.end_ns - NS_PER_MINUTE
    expired = {key for key, expiry_ns in record.expiries.items() if expiry_ns < now_ns}
    assert expired & {fill.key for fill in record.fills}
    assert not expired & {held.key for held in record.final.positions}


def test_the_report_of_a_real_window_is_one_whole_page(day):
    record, _ = day
    kept = msgspec.json.decode(msgspec.json.encode(record), type=RunRecord)
    page = backtest_page(kept)
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert f"{record.tie_out.ledger_usd:,.2f}" in page


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory was held")
def test_memory_stays_small(recordings):
    # Not getrusage: it remembers what the process held that it was forked from.
    code = (
        "import sys; from flatbook.basics import parse_utc; from flatbook.runtime import run_backtest\n"
        "run_backtest(sys.argv[1], start_ns=parse_utc(sys.argv[2]), end_ns=parse_utc(sys.argv[3]))\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    spec = f"{recordings / 'chain'}+{recordings / 'tape'}"
    done = subprocess.run([sys.executable, "-c", code, spec, *MORNING], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) / 1024 < MEMORY_MB
