"""A recording run through the desk: the books tie out, the same dice give the same day, and the journal runs it again."""

from pathlib import Path

import msgspec
import pytest

from flatbook.basics import InputFault, parse_utc
from flatbook.dashboard.reports import RunRecord
from flatbook.events import Delivered, Fill, FundingPaid
from flatbook.journal import JournalReader
from flatbook.runtime import replay_journal, run_backtest
from flatbook.runtime.config import DESK_TOML, builtin_text


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kept") / "morning.journal"


@pytest.fixture(scope="module")
def record(recording, lively, kept) -> RunRecord:
    """The morning, with takers who trade with us, and its journal."""
    return run_backtest(recording, config=lively, seed=3, journal=kept)


@pytest.fixture
def quiet(change, tmp_path) -> Path:
    """The built-in settings of the simulated market, without any taker."""
    path = tmp_path / "quiet.toml"
    path.write_text(change(builtin_text(DESK_TOML), takers="false"), encoding="utf-8")
    return path


def untimed(record: RunRecord) -> RunRecord:
    """A record without how long it took to compute."""
    return msgspec.structs.replace(record, wall_s=0.0)


def kinds(journal: Path) -> list[type]:
    with JournalReader(journal) as reader:
        return [type(event) for entry in reader.batches() for event in entry.batch.events]


def test_the_day_ties_out_to_the_cent_on_every_road(record):
    assert record.tie_out.holds, record.tie_out
    assert record.tie_out.gap_usd < 0.01
    assert record.tie_out.comparisons >= 18
    assert record.final.pnl_usd == pytest.approx(sum(record.final.pnl_terms.values()), abs=1e-6)


def test_something_happened_in_it(record, kept):
    seen = kinds(kept)
    assert {Fill, FundingPaid, Delivered} <= set(seen)
    assert seen.count(Fill) == len(record.fills) == record.final.fills_booked > 20
    assert {fill.purpose for fill in record.fills} == {"quote", "hedge"}
    assert len(record.hedges) > 0


def test_what_is_told_of_it_fits_together(record):
    assert sum(fill.spread_usd for fill in record.fills) == pytest.approx(record.final.pnl_terms["spread"])
    assert record.counts.events == record.final.events_applied
    assert record.counts.batches == record.final.sequence
    assert [point.ns for point in record.timeline] == sorted(point.ns for point in record.timeline)
    assert all(point.pnl_usd == pytest.approx(sum(point.pnl_terms.values()), abs=1e-6) for point in record.timeline)
    assert {fill.key for fill in record.fills if fill.kind in ("option", "future")} <= set(record.expiries)


def test_the_journal_of_it_replays_equal_in_every_batch(record, kept):
    outcome = replay_journal(kept)
    assert outcome.difference is None
    assert outcome.batches == record.counts.batches


def test_the_same_dice_give_the_same_day_and_other_dice_another(record, recording, lively):
    assert untimed(run_backtest(recording, config=lively, seed=3)) == untimed(record)
    assert untimed(run_backtest(recording, config=lively, seed=4)).fills != record.fills


def test_without_takers_nobody_trades_our_options(recording, quiet):
    record = run_backtest(recording, config=quiet)
    assert [fill for fill in record.fills if fill.kind == "option"] == []
    assert record.timeline[len(record.timeline) // 2].quotes_working > 50, "though we were there all the time"
    assert record.tie_out.holds


def test_a_part_of_the_day_is_a_day(recording, lively):
    start_ns, end_ns = parse_utc("2026-01-06T07:59:30Z"), parse_utc("2026-01-06T08:00:30Z")
    record = run_backtest(recording, config=lively, start_ns=start_ns, end_ns=end_ns)
    assert 55 < (record.end_ns - record.start_ns) / 1e9 <= 61
    assert record.tie_out.holds


def test_venues_whose_fees_nobody_named_are_named(recording):
    with pytest.raises(
        InputFault, match=r"the recording: trades on 'alpha', which the settings do not name; add a \[\[venues\]\]"
    ):
        run_backtest(recording)


def test_a_journal_that_is_there_already_is_not_written_over(recording, lively, kept, record):
    with pytest.raises(InputFault, match="is there already"):
        run_backtest(recording, config=lively, journal=kept)


def test_a_recording_can_be_run_live_as_fast_as_it_goes(recording, lively, flatbook, var):
    done = flatbook("run", "--market", recording, "--speed", 0, "--headless", "--config", lively, "--var", var)
    assert done.returncode == 0, done.stderr
    assert "The desk runs on the morning market" in done.stdout
    assert "Stopped after batch" in done.stdout, "the market is over and the desk has stopped by itself"
    assert replay_journal(var / "morning.journal").difference is None


def test_a_recording_goes_on_where_the_desk_was_stopped_in_its_middle(recording, lively, flatbook, var):
    part = ("run", "--market", recording, "--speed", 0, "--headless", "--config", lively, "--var", var)
    first = flatbook(*part, "--for", "1m")
    second = flatbook(*part)
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert second.stdout.startswith("Recovered ")
    assert "not ours" not in second.stdout
    with JournalReader(var / "morning.journal") as reader:
        instants = [entry.batch.local_ns for entry in reader.batches()]
    assert instants == sorted(instants)
    assert instants[-1] - instants[0] > 170e9, "the rest of the recording was played after its first minute"
    seen = kinds(var / "morning.journal")
    assert seen.count(Delivered) > 0
    assert replay_journal(var / "morning.journal").difference is None


def test_settings_that_do_not_fit_the_recording_leave_no_journal_behind(recording, tmp_path):
    stranger = tmp_path / "stranger.toml"
    stranger.write_text(builtin_text(DESK_TOML).replace('"alpha"', '"omega"'), encoding="utf-8")
    journal = tmp_path / "none.journal"
    with pytest.raises(InputFault, match="which the settings do not name"):
        run_backtest(recording, config=stranger, journal=journal)
    assert not journal.exists()
