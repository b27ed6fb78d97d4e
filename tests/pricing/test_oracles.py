"""Other people's libraries as witnesses: QuantLib and py_vollib agree with every number they also publish."""

import math
import warnings

import numpy as np
import pytest

from flatbook.pricing import DELTA, GAMMA, THETA, VALUE, VEGA, implied_vol, option_value_and_greeks

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib
    from py_vollib.black import black as vollib_black
    from py_vollib.black.greeks import analytical as vollib_greeks


@pytest.fixture(scope="module")
def dollars(book: dict[str, np.ndarray]) -> np.ndarray:
    """Our value and Greeks of the seeded chain, all linear."""
    return option_value_and_greeks(book["forward"], book["strike"], book["years"], book["vol"], book["sign"])


def rows(book: dict[str, np.ndarray]) -> list[tuple[float, float, float, float, float]]:
    return list(zip(*(book[name].tolist() for name in ("forward", "strike", "years", "vol", "sign")), strict=True))


def test_quantlib_gives_the_same_values_and_greeks(book: dict[str, np.ndarray], dollars: np.ndarray) -> None:
    for i, (forward, strike, years, vol, sign) in enumerate(rows(book)):
        payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put, strike)
        theirs = QuantLib.BlackCalculator(payoff, forward, vol * math.sqrt(years), 1.0)
        # QuantLib subtracts whole probabilities, so its own far wings are only good to a part in 1e16 of the forward.
        noise = 1e-14 * forward
        assert dollars[VALUE, i] == pytest.approx(theirs.value(), rel=1e-11, abs=noise)
        assert dollars[DELTA, i] == pytest.approx(theirs.deltaForward(), rel=1e-11, abs=1e-14)
        assert dollars[GAMMA, i] == pytest.approx(theirs.gammaForward(), rel=1e-11)
        assert dollars[VEGA, i] == pytest.approx(theirs.vega(years), rel=1e-11)


def test_py_vollib_gives_the_same_values_and_greeks(book: dict[str, np.ndarray], dollars: np.ndarray) -> None:
    for i, (forward, strike, years, vol, sign) in list(enumerate(rows(book)))[::5]:
        flag = "c" if sign > 0 else "p"
        arguments = (flag, forward, strike, years, 0.0, vol)
        assert dollars[VALUE, i] == pytest.approx(vollib_black(flag, forward, strike, years, 0.0, vol), rel=1e-9, abs=1e-9)
        assert dollars[DELTA, i] == pytest.approx(vollib_greeks.delta(*arguments), rel=1e-9, abs=1e-13)
        assert dollars[GAMMA, i] == pytest.approx(vollib_greeks.gamma(*arguments), rel=1e-9)
        assert dollars[VEGA, i] / 100 == pytest.approx(vollib_greeks.vega(*arguments), rel=1e-9)
        assert dollars[THETA, i] / 365 == pytest.approx(vollib_greeks.theta(*arguments), rel=1e-9)


def test_quantlibs_black_formula_finds_our_implied_vol_again(book: dict[str, np.ndarray], dollars: np.ndarray) -> None:
    vols, status = implied_vol(dollars[VALUE], book["forward"], book["strike"], book["years"], book["sign"])
    for i, (forward, strike, years, _, sign) in enumerate(rows(book)):
        if status[i] == 0:
            kind = QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put
            back = QuantLib.blackFormula(kind, strike, forward, vols[i] * math.sqrt(years), 1.0)
            assert back == pytest.approx(dollars[VALUE, i], rel=1e-11, abs=1e-14 * forward)
