"""What users have today, as they call it: numpy and scipy on columns, QuantLib and py_vollib one option at a time."""

import math
import warnings

import numpy as np
from scipy.special import ndtr

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib
    from vollib.black import black as vollib_price
    from vollib.black.greeks import analytical as vollib
    from vollib.black.implied_volatility import implied_volatility as vollib_implied

OBJECT_ROWS = 200  # the libraries that price one object at a time get fewer, or a run would take minutes
NAMES = ("forward", "strike", "years", "vol", "sign")

Columns = dict[str, np.ndarray]
Option = tuple[float, float, float, float, float]


def objects(columns: Columns, rows: int = OBJECT_ROWS) -> list[Option]:
    """The first rows of the columns as plain numbers: forward, strike, years, vol, sign."""
    forward, strike, years, vol, sign = (columns[name][:rows].tolist() for name in NAMES)
    return list(zip(forward, strike, years, vol, sign, strict=True))


def numpy_greeks(forward: np.ndarray, strike: np.ndarray, years: np.ndarray, vol: np.ndarray, sign: np.ndarray) -> tuple:
    """Value, delta, gamma, vega, theta, vanna, volga as a careful numpy user writes them."""
    root = np.sqrt(years)
    deviation = vol * root
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    n1, n2 = ndtr(sign * d1), ndtr(sign * d2)
    density = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    vega = forward * density * root
    per_vol = 1.0 / vol
    return (
        sign * (forward * n1 - strike * n2),
        sign * n1,
        density / (forward * deviation),
        vega,
        -0.5 * vega * vol / years,
        -density * d2 * per_vol,
        vega * d1 * d2 * per_vol,
    )


def numpy_scenarios(columns: Columns, spot_moves: np.ndarray, vol_moves: np.ndarray) -> np.ndarray:
    """The book's value, one of each row, in every cell."""
    forward, strike, years, vol, sign = (columns[name] for name in NAMES)
    root, out = np.sqrt(years), np.empty((spot_moves.size, vol_moves.size))
    for i, x in enumerate(spot_moves):
        moved = forward * (1.0 + x)
        moneyness = np.log(moved / strike)
        for j, lift in enumerate(vol_moves):
            deviation = np.maximum(vol + lift, 0.01) * root
            d1 = moneyness / deviation + 0.5 * deviation
            out[i, j] = (sign * (moved * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))).sum()
    return out


def _kind(sign: float) -> int:
    return QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put


def quantlib_greeks(options: list[Option]) -> list[tuple[float, ...]]:
    """Value, delta, gamma, vega and theta; QuantLib's calculator has no vanna or volga."""
    answers = []
    for forward, strike, years, vol, sign in options:
        one = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(_kind(sign), strike), forward, vol * math.sqrt(years), 1.0)
        answers.append((one.value(), one.deltaForward(), one.gammaForward(), one.vega(years), one.theta(forward, years)))
    return answers


def quantlib_scenarios(options: list[Option], spot_moves: np.ndarray, vol_moves: np.ndarray) -> list[float]:
    """The value of these options together in every cell."""
    cells = [(1.0 + x, lift) for x in spot_moves.tolist() for lift in vol_moves.tolist()]
    roots = [(forward, strike, math.sqrt(years), vol, _kind(sign)) for forward, strike, years, vol, sign in options]
    return [
        sum(QuantLib.blackFormula(kind, k, f * factor, max(vol + lift, 0.01) * root) for f, k, root, vol, kind in roots)
        for factor, lift in cells
    ]


def quantlib_implied(options: list[Option], prices: list[float]) -> list[float]:
    """Vols by QuantLib's search at full accuracy; NaN where it raises."""
    answers = []
    for (forward, strike, years, _, sign), price in zip(options, prices, strict=True):
        try:
            found = QuantLib.blackFormulaImpliedStdDev(
                _kind(sign), strike, forward, price, 1.0, 0.0, QuantLib.nullDouble(), 1e-14, 200
            )
        except RuntimeError:
            found = math.nan
        answers.append(found / math.sqrt(years))
    return answers


def vollib_greeks(options: list[Option]) -> list[tuple[float, ...]]:
    """Value, delta, gamma, vega (a vol point) and theta (a day)."""
    answers = []
    for forward, strike, years, vol, sign in options:
        given = ("c" if sign > 0 else "p", forward, strike, years, 0.0, vol)
        value = vollib_price(*given[:4], 0.0, vol)
        answers.append((value, vollib.delta(*given), vollib.gamma(*given), vollib.vega(*given), vollib.theta(*given)))
    return answers


def vollib_implied_vols(options: list[Option], prices: list[float]) -> list[float]:
    """Vols by Jaeckel's rational method in Python; NaN where it raises."""
    answers = []
    for (forward, strike, years, _, sign), price in zip(options, prices, strict=True):
        try:
            answers.append(vollib_implied(price, forward, strike, 0.0, years, "c" if sign > 0 else "p"))
        except Exception:  # each refusal of the library is a class of its own
            answers.append(math.nan)
    return answers
