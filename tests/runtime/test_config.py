"""Settings: understood wholly, or refused with one sentence that names the file and the key."""

import re
from pathlib import Path

import pytest

from flatbook.basics import InputFault
from flatbook.engine import decode_parameters, encode_parameters
from flatbook.runtime import load_config, run_desk
from flatbook.runtime.config import BACKTEST_TOML, CHAIN_TOML, DESK_TOML, builtin_text

BUILTIN = builtin_text(DESK_TOML)


@pytest.fixture
def settings(tmp_path: Path):
    """Write a settings file and say where it is."""

    def write(text: str) -> Path:
        path = tmp_path / "my desk.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def with_line(key: str, line: str) -> str:
    """The built-in settings with one line replaced."""
    text, count = re.subn(rf"(?m)^{key} = .*$", line, BUILTIN, count=1)
    assert count == 1
    return text


def without_table(name: str) -> str:
    text, count = re.subn(rf"(?ms)^\[{re.escape(name)}\]\n.*?(?=^\[|\Z)", "", BUILTIN)
    assert count == 1
    return text


@pytest.mark.parametrize("name", [DESK_TOML, BACKTEST_TOML, CHAIN_TOML])
def test_what_comes_with_flatbook_is_understood(name):
    config = load_config(None, name)
    assert config.parameters() == decode_parameters(encode_parameters(config.parameters()))
    assert {deposit.venue for deposit in config.deposits} <= {venue.name for venue in config.venues}


def test_a_copy_of_the_built_in_settings_is_the_built_in_settings(settings):
    assert load_config(settings(BUILTIN)) == load_config(None)


@pytest.mark.parametrize(
    ("text", "place", "wrong"),
    [
        pytest.param(with_line("batch_ms", "batch_ms = 100\nspeed = 3"), "shell", "unknown field speed", id="unknown key"),
        pytest.param(BUILTIN + "\n[colours]\nup = 1\n", "", "unknown field colours", id="unknown table"),
        pytest.param(with_line("largest_loss", ""), "limits", "missing required field largest_loss", id="missing key"),
        pytest.param(without_table("freshness"), "", "missing required field freshness", id="missing table"),
        pytest.param(with_line("top_s", "top_s = -5"), "freshness.top_s", "> 0.0", id="negative number"),
        pytest.param(with_line("batch_ms", "batch_ms = 0"), "shell.batch_ms", "> 0.0", id="no time at all"),
        pytest.param(with_line("seed", "seed = -1"), "shell.seed", ">= 0", id="negative seed"),
        pytest.param(with_line("seed", 'seed = "x"'), "shell.seed", "expected int, got str", id="text for a number"),
        pytest.param(with_line("takers", "takers = 1"), "shell.takers", "expected bool, got int", id="number for a choice"),
        pytest.param(
            with_line("spot_correlation", "spot_correlation = 1.5"), "factors.spot_correlation", "< 1.0", id="correlation"
        ),
        pytest.param(with_line("largest_loss", "largest_loss = nan"), "limits.largest_loss", "> 0.0", id="no number"),
        pytest.param(with_line("largest_loss", "largest_loss = inf"), "limits.largest_loss", "not a finite number", id="endless"),
        pytest.param(BUILTIN.replace("BTC = 20.0", "BTC = nan"), "hedging.target_coins.BTC", "not a finite", id="nan target"),
        pytest.param(with_line("amount", 'amount = "NaN"'), "deposits[0].amount", "not a finite number", id="nan deposit"),
        pytest.param(with_line("amount", 'amount = "-20"'), "deposits[0].amount", "expected an amount > 0", id="debt"),
        pytest.param(with_line("amount", 'amount = "twenty"'), "deposits[0].amount", "invalid decimal", id="words"),
        pytest.param(with_line("kinds", 'kinds = ["swaption"]'), "quoting.kinds[0]", "'swaption'", id="unknown kind"),
        pytest.param(with_line("venues", 'venues = ["kraken"]'), "quoting.venues", "'kraken' is no venue", id="unknown venue"),
        pytest.param(with_line("venue", 'venue = "delta"'), "deposits", "'delta' is no venue", id="deposit nowhere"),
        pytest.param(with_line("BTC", 'BTC = "omega:BTC"'), "leads", "'omega' is no venue", id="unknown lead"),
        pytest.param(BUILTIN.replace('name = "beta"', 'name = "alpha"'), "venues", "named twice", id="twice"),
        pytest.param(with_line("min_delta", "min_delta = 0.99"), "quoting", "min_delta is above max_delta", id="upside down"),
        pytest.param(without_table("limits.underlyings.ETH"), "limits.underlyings", "ETH is missing", id="no limit"),
        pytest.param(with_line("amount", 'amount = "sNaN"'), "deposits[0].amount", "not a finite", id="signalling nan"),
        pytest.param(with_line("top_s", "top_s = 1e300"), "freshness.top_s", "beyond 1,000,000,000", id="eternity"),
        pytest.param(with_line("seed", "seed = " + 30 * "9"), "shell.seed", "beyond 1,000,000,000,000", id="endless seed"),
        pytest.param(BUILTIN.replace("BTC = 0.5,", "BTC = 1e300,"), "quoting.size_coins.BTC", "beyond", id="all coins ever"),
        pytest.param(BUILTIN.replace("ETH = 8.0 }", "ETH = -8.0 }"), "quoting.size_coins.ETH", ">= 0.0", id="negative size"),
        pytest.param(
            with_line("gamma_cash", "gamma_cash = 0"), "limits.underlyings.BTC.gamma_cash", "> 0.0", id="which underlying"
        ),
        pytest.param(with_line("min_days", "min_days = 500"), "quoting", "min_days is above max_days", id="days upside down"),
        pytest.param(with_line("BTC", 'BTC = "beta"'), "leads.BTC", "'beta' names no contract", id="lead without a contract"),
        pytest.param(BUILTIN.replace('name = "beta"', 'name = ""'), "venues[1].name", "is empty", id="nameless venue"),
        pytest.param(with_line("asset", 'asset = ""'), "deposits[0].asset", "neither a coin", id="nameless asset"),
        pytest.param(with_line("asset", 'asset = "btc"'), "deposits[0].asset", "'btc' is neither a coin", id="small letters"),
        pytest.param(
            BUILTIN.replace('taker = "0.0005"', 'taker = "5"', 1), "venues[0].fees.perpetual.taker", "fraction", id="five for bp"
        ),
        pytest.param(
            with_line("option_cap", 'option_cap = "-1"'), "venues[0].fees.option_cap", "fraction from 0", id="negative cap"
        ),
        pytest.param(with_line("slippage_bps", "slippage_bps = 20000"), "hedging.slippage_bps", "whole price", id="slippage"),
        pytest.param(without_table("smiles"), "", "missing required field smiles", id="no word on smiles"),
        pytest.param(without_table("delivery"), "", "missing required field delivery", id="no word on delivery"),
        pytest.param(with_line("source", 'source = "mids"'), "smiles.source", "'mids'", id="unknown source of vols"),
        pytest.param(with_line("dynamics", 'dynamics = "sticky"'), "smiles.dynamics", "'sticky'", id="unknown dynamics"),
        pytest.param(with_line("dynamics", ""), "smiles", "missing required field dynamics", id="undecided dynamics"),
        pytest.param(with_line("refit_s", "refit_s = -1"), "smiles.refit_s", ">= 0.0", id="negative refit"),
        pytest.param(with_line("refit_s", "refit_s = inf"), "smiles.refit_s", "not a finite number", id="never refitted"),
        pytest.param(with_line("refit_s", "refit_s = 1e10"), "smiles.refit_s", "beyond 1,000,000,000", id="refit in centuries"),
        pytest.param(with_line("refit_s", "refit_s = 1\nfits = 2"), "smiles", "unknown field fits", id="unknown key of smiles"),
        pytest.param(with_line("average_min", "average_min = -30"), "delivery.average_min", ">= 0.0", id="negative average"),
        pytest.param(with_line("average_min", "average_min = nan"), "delivery.average_min", ">= 0.0", id="nan average"),
        pytest.param(
            with_line("average_min", 'average_min = "half an hour"'),
            "delivery.average_min",
            "expected float",
            id="average in words",
        ),
        pytest.param("seed = = 3", "", "is not TOML", id="not TOML"),
        pytest.param("", "", "missing required field", id="empty"),
    ],
)
def test_what_is_not_understood_is_one_sentence_with_the_file_and_the_key(settings, text, place, wrong):
    path = settings(text)
    with pytest.raises(InputFault) as fault:
        load_config(path)
    sentence = str(fault.value)
    assert sentence.startswith(f"{path}, {place}: " if place else f"{path}: ")
    assert wrong in sentence
    assert fault.value.remedy
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "desk.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputFault, match=r"desk\.toml: is not TOML: it is not UTF-8 text; save it"):
        load_config(path)


def test_a_mark_that_an_editor_put_in_front_of_the_settings_is_no_part_of_them(tmp_path):
    path = tmp_path / "desk.toml"
    path.write_text(BUILTIN, encoding="utf-8-sig")
    assert load_config(path) == load_config(None)


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputFault, match="cannot be read"):
        load_config(tmp_path / name)


def test_the_desk_never_starts_on_settings_that_it_did_not_understand(settings, var):
    said: list[str] = []
    with pytest.raises(InputFault):
        run_desk(config=settings(with_line("top_s", "top_s = -5")), headless=True, var=var, say=said.append)
    assert not var.exists()
    assert said == []


def test_the_command_says_the_sentence_and_nothing_else(settings, flatbook, var):
    path = settings("seed = = 3")
    done = flatbook("run", "--config", path, "--headless", "--var", var)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"{path}: is not TOML: Invalid value (at line 1, column 8); mend that line.\n"
    assert not var.exists()


def test_a_recording_that_is_none_is_named_before_anything_is_made(var):
    with pytest.raises(InputFault, match="is not a flatbook recording"):
        run_desk(market="no such thing", headless=True, var=var)
    assert not var.exists()
