"""Milliseconds for a Heston calibration and microseconds for a price: ours beside QuantLib, in one run on one core.

Run it with `python benchmarks/heston.py`; it takes about half a minute. Both fit the same 100 quotes (ten expiries of a
week to three years, ten strikes each) from the same start, which is not the truth. Each figure is the best of several.
"""

import math
import time
import warnings
from collections.abc import Callable

import numpy as np

from flatbook.pricing import implied_vol
from flatbook.pricing.heston import HestonFit, HestonParameters, heston_calibrate, heston_price
from flatbook.pricing.heston.parameters import total_variance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package announces its successor on import
    import QuantLib

DAYS = (7, 14, 30, 60, 91, 182, 273, 365, 730, 1095)
HARD_DAYS = (1, 2, 3, 7, 30, 91, 365, 1825, 3650, 10950)
STRIKES = 10
FORWARD = 100.0
START = HestonParameters(0.09, 1.0, 0.09, 0.8, -0.2)
TRUTHS = {
    "equity index": HestonParameters(0.04, 1.5, 0.06, 0.6, -0.7),
    "bitcoin, Feller violated": HestonParameters(0.3, 6.0, 0.5, 3.0, -0.3),
}
NOISE = 0.005  # of a vol, for the noisy rows
Columns = dict[str, np.ndarray]


def quotes(truth: HestonParameters, days: tuple[int, ...] = DAYS, reach: float = 2.0) -> Columns:
    """Out-of-the-money quotes within `reach` deviations of the forward."""
    years = np.repeat(np.array(days) / 365.0, STRIKES)
    distance = np.tile(np.linspace(-reach, reach, STRIKES), len(days))
    strike = FORWARD * np.exp(distance * np.sqrt(total_variance(truth, years)))
    sign = np.where(distance > 0.0, 1.0, -1.0)
    price = heston_price(FORWARD, strike, years, sign, truth).price
    return {"forward": np.full(years.size, FORWARD), "strike": strike, "years": years, "sign": sign, "price": price}


def fitted(columns: Columns, start: HestonParameters | None = None) -> HestonFit:
    return heston_calibrate(*(columns[name] for name in ("forward", "strike", "years", "sign", "price")), start=start)


def best_s(work: Callable[[], object], seconds: float = 3.0) -> float:
    """The best time of `work` within about `seconds`."""
    work()
    best, stop = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


class Peer:
    """QuantLib's Heston model on flat, zero rates, so that spot is the forward."""

    def __init__(self) -> None:
        self.today = QuantLib.Date(2, 1, 2026)
        QuantLib.Settings.instance().evaluationDate = self.today
        flat = QuantLib.FlatForward(self.today, 0.0, QuantLib.Actual365Fixed())
        self.rates = QuantLib.YieldTermStructureHandle(flat)

    def model(self, start: HestonParameters) -> QuantLib.HestonModel:
        spot = QuantLib.QuoteHandle(QuantLib.SimpleQuote(FORWARD))
        return QuantLib.HestonModel(QuantLib.HestonProcess(self.rates, self.rates, spot, *start.column().tolist()))

    def helpers(self, columns: Columns, engine: QuantLib.AnalyticHestonEngine) -> list:
        vols, _ = implied_vol(*(columns[name] for name in ("price", "forward", "strike", "years", "sign")))
        out = []
        for strike, years, vol in zip(columns["strike"].tolist(), columns["years"].tolist(), vols.tolist(), strict=True):
            period = QuantLib.Period(round(years * 365), QuantLib.Days)
            quote = QuantLib.QuoteHandle(QuantLib.SimpleQuote(vol))
            how = QuantLib.BlackCalibrationHelper.ImpliedVolError
            terms = (period, QuantLib.NullCalendar(), FORWARD, strike, quote, self.rates, self.rates, how)
            helper = QuantLib.HestonModelHelper(*terms)
            helper.setPricingEngine(engine)
            out.append(helper)
        return out

    def calibrated(self, columns: Columns) -> tuple[Callable[[], None], QuantLib.HestonModel]:
        """A calibration to run, its helpers already made, and the model that it leaves fitted."""
        model = self.model(START)
        helpers = self.helpers(columns, QuantLib.AnalyticHestonEngine(model))
        begin = model.params()

        def calibrate() -> None:
            model.setParams(begin)
            method = QuantLib.LevenbergMarquardt(1e-8, 1e-8, 1e-8)
            model.calibrate(helpers, method, QuantLib.EndCriteria(500, 50, 1e-8, 1e-8, 1e-8))

        return calibrate, model

    def priced(self, columns: Columns, truth: HestonParameters) -> Callable[[], list[float]]:
        engine = QuantLib.AnalyticHestonEngine(self.model(truth))
        options = []
        for strike, years, sign in zip(*(columns[name].tolist() for name in ("strike", "years", "sign")), strict=True):
            kind = QuantLib.Option.Call if sign > 0 else QuantLib.Option.Put
            exercise = QuantLib.EuropeanExercise(self.today + round(years * 365))
            options.append(QuantLib.VanillaOption(QuantLib.PlainVanillaPayoff(kind, strike), exercise))
            options[-1].setPricingEngine(engine)

        def price() -> list[float]:
            for option in options:
                option.recalculate()
            return [option.NPV() for option in options]

        return price


def table(title: str, unit: str, figures: dict[str, float]) -> None:
    """Print named figures, ours first, with how many times as long each takes."""
    ours = next(iter(figures.values()))
    print(f"\n{title} ({unit})")
    for name, figure in figures.items():
        print(f"  {name:<46}{figure:>12,.2f}{figure / ours:>12,.1f} x")


def worst_error(columns: Columns, parameters: HestonParameters) -> float:
    found = heston_price(columns["forward"], columns["strike"], columns["years"], columns["sign"], parameters)
    return float(np.max(np.abs(found.price - columns["price"])))


def calibration(name: str, truth: HestonParameters, peer: Peer) -> None:
    columns = quotes(truth)
    calibrate, model = peer.calibrated(columns)
    noisy = {**columns, "price": columns["price"] * (1.0 + NOISE * np.sin(7.0 * np.arange(columns["price"].size)))}
    figures = {
        "flatbook, from the same start": 1e3 * best_s(lambda: fitted(columns, START)),
        "flatbook, from its own guess": 1e3 * best_s(lambda: fitted(columns)),
        "flatbook, noisy quotes, from the same start": 1e3 * best_s(lambda: fitted(noisy, START)),
        "QuantLib AnalyticHestonEngine, same start": 1e3 * best_s(calibrate),
    }
    table(f"Heston calibration, {columns['price'].size} quotes, {name}", "ms", figures)
    fit = fitted(columns, START)
    theta, kappa, sigma, rho, v0 = model.params()
    theirs = worst_error(columns, HestonParameters(v0, kappa, theta, sigma, rho))
    ours = float(np.max(np.abs(fit.price_error)))
    print(f"  worst price off by {ours:.1e} (ours, {fit.iterations} steps) and {theirs:.1e} (QuantLib) on a forward of 100")


def pricing(name: str, truth: HestonParameters, columns: Columns, peer: Peer) -> None:
    n = columns["price"].size
    price = peer.priced(columns, truth)
    f, k, t, s = (columns[column] for column in ("forward", "strike", "years", "sign"))
    figures = {
        "flatbook, 1e-8 of itself": 1e6 * best_s(lambda: heston_price(f, k, t, s, truth)) / n,
        "QuantLib AnalyticHestonEngine, 144 points": 1e6 * best_s(price) / n,
    }
    table(f"Heston price, {n} options, {name}", "us an option", figures)
    off = np.max(np.abs(np.array(price()) / columns["price"] - 1.0))
    unsure = int(np.count_nonzero(~heston_price(f, k, t, s, truth).accurate))
    smallest = float(np.min(columns["price"]))
    print(f"  QuantLib is off by up to {off:.1e} of a price; ours not sure of {unsure}; the smallest is {smallest:.1e}")


def main() -> None:
    start = time.perf_counter()
    fitted(quotes(TRUTHS["equity index"]))
    print(f"first calibration in {time.perf_counter() - start:.2f} s (the implied vol kernel loads; the rest is numpy)")
    peer = Peer()
    for name, truth in TRUTHS.items():
        calibration(name, truth, peer)
        pricing(name, truth, quotes(truth), peer)
        pricing(f"{name}, a day to 30 years, six deviations", truth, quotes(truth, HARD_DAYS, 6.0), peer)


if __name__ == "__main__":
    main()
