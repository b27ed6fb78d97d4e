"""The exchange's own marks and deltas, recomputed from its own vols, on one real snapshot of both chains."""

import numpy as np
import polars as pl
import pytest

from flatbook.pricing import (
    BELOW_INTRINSIC,
    DELTA,
    GAMMA,
    OK,
    VALUE,
    VANNA,
    VEGA,
    implied_vol,
    option_value_and_greeks,
)

pytestmark = pytest.mark.real

HALF_VOL_TICK = 0.5e-4  # the mark vol is published to a hundredth of a point
HALF_MARK_TICK = 0.5e-6  # the mark to six places of a coin
HALF_DELTA_TICK = 0.5e-5
BASIS_POINT = 1e-4


@pytest.fixture(scope="module")
def chain(deribit_snapshot: pl.DataFrame) -> dict[str, np.ndarray]:
    names = ["underlying", "strike", "years", "implied_volatility", "sign", "mark_price", "delta", "vega"]
    return {name: deribit_snapshot[name].cast(pl.Float64).to_numpy() for name in names}


def columns(chain: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    return tuple(chain[name] for name in ("underlying", "strike", "years", "implied_volatility", "sign"))


def test_the_snapshot_is_a_whole_chain(chain: dict[str, np.ndarray]) -> None:
    assert chain["strike"].size > 1_000


def test_marks_follow_from_mark_vols_within_the_exchanges_rounding(chain: dict[str, np.ndarray]) -> None:
    coin = option_value_and_greeks(*columns(chain), True)
    rounding = HALF_MARK_TICK + coin[VEGA] * HALF_VOL_TICK
    beyond = np.maximum(np.abs(coin[VALUE] - chain["mark_price"]) - rounding, 0.0)
    assert np.mean(beyond == 0.0) > 0.6
    # The rest is the forward: it is published a moment apart from the mark, and a basis point of it is seconds of BTC.
    forward_off = beyond / (np.abs(coin[DELTA]) * chain["underlying"] * BASIS_POINT)
    assert np.quantile(forward_off, 0.99) < 1.0
    assert np.max(forward_off) < 5.0


def test_the_exchanges_delta_is_ours_before_the_premium_is_taken_off(chain: dict[str, np.ndarray]) -> None:
    dollars = option_value_and_greeks(*columns(chain))
    rounding = HALF_DELTA_TICK + np.abs(dollars[VANNA]) * HALF_VOL_TICK
    beyond = np.maximum(np.abs(dollars[DELTA] - chain["delta"]) - rounding, 0.0)
    # As for the marks: the forward may be some basis points younger or older than the delta.
    forward_off = beyond / (dollars[GAMMA] * chain["underlying"] * BASIS_POINT + 1e-9)
    assert np.quantile(forward_off, 0.99) < 3.0
    assert np.max(forward_off) < 5.0
    assert np.max(np.abs(dollars[DELTA] - chain["delta"])) < 0.005


def test_the_exchanges_vega_is_ours_per_vol_point(chain: dict[str, np.ndarray]) -> None:
    dollars = option_value_and_greeks(*columns(chain))
    off = np.abs(dollars[VEGA] / 100 - chain["vega"])
    assert np.median(off) < 0.002
    # Vega moves by vanna x F a basis point of forward; three of them, as for the delta.
    assert np.all(off <= 0.001 + np.abs(dollars[VANNA]) / 100 * chain["underlying"] * 5 * BASIS_POINT + 0.001 * chain["vega"])


def test_out_of_the_money_marks_give_the_mark_vols_back(chain: dict[str, np.ndarray]) -> None:
    forward, strike, years, vol, sign = columns(chain)
    vols, status = implied_vol(chain["mark_price"] * forward, forward, strike, years, sign)
    coin = option_value_and_greeks(*columns(chain), True)
    outside = sign * (strike - forward) > 0
    assert np.all(status[outside & (chain["mark_price"] > 0)] == OK)
    assert np.all(status[outside & (chain["mark_price"] == 0)] == BELOW_INTRINSIC)
    # What the rounded mark and a forward five basis points off leave of a vol.
    slack = (HALF_MARK_TICK + np.abs(coin[DELTA]) * forward * 5 * BASIS_POINT) / coin[VEGA] + HALF_VOL_TICK
    visible = outside & (slack < 0.05) & (status == OK)
    assert np.mean(visible) > 0.4
    assert np.all(np.abs(vols - vol)[visible] <= slack[visible] * 1.5)
