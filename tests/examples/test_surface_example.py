"""The example of surfaces runs from its first cell to its last, and says clearly what it cannot do without."""

import runpy
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from flatbook.pricing import black76

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ROOT / "../shared/data/deribit_chain/btc_eth_6h_20251230_20260531.parquet"
PICTURES = ["1-nine-days.png", "2-smiles.png", "3-surface.png", "4-hedges.png"]

# When, the index in dollars, the vol at the money: calm, a crash, calm again.
MOMENTS = [
    (datetime(2026, 2, 3, 5, tzinfo=UTC), 78_000.0, 0.48),
    (datetime(2026, 2, 4, 5, tzinfo=UTC), 76_000.0, 0.50),
    (datetime(2026, 2, 5, 21, tzinfo=UTC), 64_000.0, 0.90),
    (datetime(2026, 2, 8, 5, tzinfo=UTC), 69_000.0, 0.60),
]
EXPIRIES = [datetime(2026, month, number, 8, tzinfo=UTC) for month, number in ((2, 13), (2, 27), (4, 24))]
HALF_SPREAD = 0.01


def smile(deviations: np.ndarray, money: float) -> np.ndarray:
    """SVI with dear puts, the same at every expiry in deviations from the money: no arbitrage."""
    return money * np.sqrt(0.6 - 0.12 * deviations + 0.4 * np.hypot(deviations, 1.0))


def expiry_rows(moment: datetime, index: float, money: float, expiry: datetime) -> pl.DataFrame:
    """Calls and puts of one expiry, with bids and asks a vol point either side of the smile."""
    years = (expiry - moment).total_seconds() / (365 * 86_400)
    deviations = np.linspace(-2.0, 2.0, 13)
    strike, vol, sides = index * np.exp(deviations * money * years**0.5), smile(deviations, money), []
    for sign, kind in ((1.0, "call"), (-1.0, "put")):
        bid, ask = (black76(index, strike, years, vol + off, sign).price / index for off in (-HALF_SPREAD, HALF_SPREAD))
        told = {"strike": strike, "bid_price": bid, "ask_price": ask}
        sides.append(pl.DataFrame(told).with_columns(option_type=pl.lit(kind)))
    same = {"timestamp": moment, "expiry_datetime": expiry, "underlying": index, "index_price": index, "currency": "BTC"}
    return pl.concat(sides).with_columns(**{name: pl.lit(value) for name, value in same.items()})


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("chain") / "chain.parquet"
    pl.concat([expiry_rows(*moment, expiry) for moment in MOMENTS for expiry in EXPIRIES]).write_parquet(path)
    return path


def run(monkeypatch, *options: object) -> dict[str, Any]:
    """The example, run as a script; what its cells leave behind."""
    monkeypatch.setattr(sys, "argv", ["surface.py", *map(str, options)])
    return runpy.run_path(str(ROOT / "examples/surface.py"), run_name="__main__")


def refusal(monkeypatch, *options: object) -> str:
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, *options)
    assert isinstance(stopped.value.code, str), "a sentence, which python prints before it exits with 1"
    assert stopped.value.code.endswith(".")
    assert "\n" not in stopped.value.code
    return stopped.value.code


def width(picture: Path) -> int:
    """Pixels, as the header of a PNG says."""
    return struct.unpack(">I", picture.read_bytes()[16:20])[0]


def test_on_a_chain_with_a_crash_it_draws_and_tells_what_is_in_it(chain, tmp_path, monkeypatch, capsys):
    left = run(monkeypatch, "--data", chain, "--out", tmp_path / "new" / "pictures")
    assert [path.name for path in left["written"]] == PICTURES
    assert all(width(path) >= 1280 for path in left["written"])
    assert left["crash"].time == MOMENTS[2][0]
    assert [left["before"].time, left["after"].time] == [MOMENTS[1][0], MOMENTS[3][0]]
    for each, (_, _, money) in zip(left["snapshots"], MOMENTS, strict=True):
        levels = [svi.vol(0.0, years) for svi, years in zip(each.surface.slices, each.surface.years, strict=True)]
        np.testing.assert_allclose(levels, money, atol=HALF_SPREAD)
    assert np.all(left["week"][:, 1] < 0.0), "puts are dear"
    told = capsys.readouterr().out
    assert told.startswith("BTC: 4 snapshots")
    assert told.count("sticky local vol") == 2
    assert all(str(path) in told for path in left["written"])


@pytest.mark.real
def test_a_real_chain_is_understood_in_both_coins(tmp_path, monkeypatch):
    if not CHAIN.exists():
        pytest.skip("the recorded Deribit chain, ../shared/data/deribit_chain, is not on this machine")
    hours = ["2026-02-04 04", "2026-02-05 21", "2026-02-08 04"]
    some = pl.scan_parquet(CHAIN).filter(pl.col("timestamp").dt.strftime("%Y-%m-%d %H").is_in(hours))
    some.filter(pl.col("currency").cast(pl.String) == "ETH").collect().write_parquet(tmp_path / "some.parquet")
    left = run(monkeypatch, "--currency", "ETH", "--data", tmp_path / "some.parquet", "--out", tmp_path)
    assert left["crash"].time.hour == 21
    assert left["week"][1, 0] > 1.3 * left["week"][0, 0], "the week's vol at the money in the crash"
    assert sorted(path.name for path in tmp_path.glob("*.png")) == PICTURES


def test_a_chain_that_is_not_there_is_said_to_be_missing(tmp_path, monkeypatch):
    assert f"no recorded chain at {tmp_path / 'none.parquet'}" in refusal(monkeypatch, "--data", tmp_path / "none.parquet")


def test_a_file_that_is_no_chain_is_refused_with_the_columns_it_lacks(tmp_path, monkeypatch):
    pl.DataFrame({"timestamp": [MOMENTS[0][0]], "strike": [1.0]}).write_parquet(tmp_path / "other.parquet")
    words = refusal(monkeypatch, "--data", tmp_path / "other.parquet")
    assert "no column currency, expiry_datetime, option_type" in words
    (tmp_path / "text.parquet").write_text("timestamp,strike\n")
    assert "cannot be read as Parquet" in refusal(monkeypatch, "--data", tmp_path / "text.parquet")


def test_a_chain_of_another_time_or_coin_is_refused(chain, tmp_path, monkeypatch):
    assert "does not hold ETH" in refusal(monkeypatch, "--data", chain, "--currency", "ETH")
    pl.read_parquet(chain).filter(pl.col("timestamp") < MOMENTS[3][0]).write_parquet(tmp_path / "early.parquet")
    assert "8 February" in refusal(monkeypatch, "--data", tmp_path / "early.parquet")


def test_without_matplotlib_it_says_where_that_comes_from(chain, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "`make test` brings it" in refusal(monkeypatch, "--data", chain)


def test_a_misspelt_option_is_not_passed_over(monkeypatch, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "--curency", "ETH")
    assert stopped.value.code == 2
    assert "--curency" in capsys.readouterr().err
