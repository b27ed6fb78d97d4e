"""How the program leaves: the right exit code, and one sentence where a person made a mistake."""

import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from flatbook import __version__
from flatbook.basics import NS_PER_MINUTE, InputFault
from flatbook.cli import main

COMMANDS = ("run", "backtest", "replay", "import", "report", "doctor")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def leave(*arguments: str) -> int:
    with pytest.raises(SystemExit) as gone:
        main(list(arguments))
    return gone.value.code or 0


@pytest.fixture
def runtime(monkeypatch):
    """A runtime that remembers what it was asked."""
    asked = {}
    stand_in = SimpleNamespace(run_desk=lambda **options: asked.update(options), asked=asked)
    monkeypatch.setitem(sys.modules, "flatbook.runtime", stand_in)
    monkeypatch.setattr("flatbook.runtime", stand_in, raising=False)
    return stand_in


def test_help_names_every_command(capsys):
    assert leave("--help") == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_examples(capsys, command):
    assert leave(command, "--help") == 0
    shown = plain(capsys.readouterr().out)
    assert "Examples" in shown
    assert f"flatbook {command}" in shown


def test_the_version_is_said(capsys):
    assert leave("--version") == 0
    assert capsys.readouterr().out == f"flatbook {__version__}\n"


def test_help_loads_nothing_heavy():
    code = "import sys, flatbook.cli; print([m for m in ('numba', 'nicegui', 'plotly') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_run_without_options_is_the_embedded_default(runtime):
    assert leave("run") == 0
    assert runtime.asked["market"] == "simulated"
    assert runtime.asked["port"] == 8710
    assert runtime.asked["duration_ns"] is None
    assert not runtime.asked["headless"]


def test_run_for_two_minutes_asks_for_two_minutes(runtime):
    assert leave("run", "--for", "2m", "--headless", "--seed", "7", "--speed", "0") == 0
    assert (runtime.asked["duration_ns"], runtime.asked["seed"], runtime.asked["speed"]) == (2 * NS_PER_MINUTE, 7, 0.0)
    assert runtime.asked["headless"]


def test_a_run_over_a_recording_may_begin_in_its_middle(runtime):
    assert leave("run", "--market", "day", "--start", "1970-01-02") == 0
    assert (runtime.asked["market"], runtime.asked["start_ns"]) == ("day", 24 * 60 * NS_PER_MINUTE)


def test_a_persons_mistake_is_one_sentence_on_stderr_and_exit_code_2(runtime, capsys):
    assert leave("run", "--for", "soon") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert plain(shown.err) == "'soon': is not a span of time; write it with units, as 90s, 2m or 1h30m.\n"


def test_a_fault_far_below_is_one_sentence_however_long(runtime, capsys):
    def fail(**_options):
        raise InputFault("is [no] number " + "x" * 200, where="desk.toml, limits.BTC", remedy="give dollars")

    runtime.run_desk = fail
    assert leave("run") == 2
    assert plain(capsys.readouterr().err).count("\n") == 1


def test_a_file_the_system_refuses_is_named(runtime, capsys):
    runtime.run_desk = lambda **_options: open("/nowhere/at/all.toml")  # noqa: SIM115
    assert leave("run") == 2
    assert plain(capsys.readouterr().err).startswith("/nowhere/at/all.toml: no such file or directory; check")


def test_an_interrupt_is_exit_code_130_without_a_traceback(runtime, capsys):
    def interrupt(**_options):
        raise KeyboardInterrupt

    runtime.run_desk = interrupt
    assert leave("run") == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["-1", "nan", "inf", "1e300", "fast"])
def test_a_speed_that_no_clock_has_is_refused(runtime, speed):
    assert leave("run", "--speed", speed) == 2
    assert runtime.asked == {}


def test_a_termination_leaves_by_an_exception_so_that_what_was_begun_is_swept_away(runtime, capsys):
    swept = []

    def work(**_options):
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            swept.append(True)

    runtime.run_desk = work
    assert leave("run") == 143
    assert swept
    assert plain(capsys.readouterr().err) == "Terminated.\n"


def test_a_bug_is_not_dressed_up_as_a_persons_mistake(runtime):
    def stumble(**_options):
        raise AssertionError("two positions for one row")

    runtime.run_desk = stumble
    with pytest.raises(AssertionError):
        main(["run"])


def test_an_equal_replay_leaves_with_0_and_a_different_one_with_1(runtime, capsys):
    runtime.replay_journal = lambda journal, advance: SimpleNamespace(difference=None, batches=1200, span_ns=NS_PER_MINUTE)
    assert leave("replay", "desk.journal") == 0
    assert "1,200 batches over 1m, every one equal" in plain(capsys.readouterr().out)
    runtime.replay_journal = lambda journal, advance: SimpleNamespace(difference="Batch 7 differs.", batches=7, span_ns=1)
    assert leave("replay", "desk.journal") == 1
    assert plain(capsys.readouterr().err) == "Batch 7 differs.\n"
