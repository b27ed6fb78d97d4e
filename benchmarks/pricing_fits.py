"""Fits: a whole chain's smiles from the fit before, and Heston's five numbers; beside QuantLib on the same quotes."""

import numpy as np
import QuantLib

import heston
from flatbook.pricing.heston import heston_calibrate
from flatbook.pricing.surface import Surface, fit_surface
from option_sets import Columns
from race import Target, race, table

DAYS = (2, 5, 9, 16, 30, 44, 58, 86, 121, 177, 268, 359)
STRIKES = 50
FORWARD = 60_000.0
HALF_SPREAD, NOISE = 0.004, 0.002  # of vol
SKEW, CURVATURE = -0.3, 1.1  # rho and eta of an SSVI surface: (1 + |rho|) eta < 2 has no arbitrage
LATER = 0.003  # how far vols have moved since the fit that the next one starts from
CHAIN_MS, HESTON_MS = 5.0, 20.0


def chain_quotes(lift: float = 0.0) -> Columns:
    """Six hundred bid and ask vols, noisy, within two and a half deviations of the forward; all vols higher by `lift`."""
    rng = np.random.Generator(np.random.PCG64(3))
    years = np.array(DAYS) / 365.0
    expiry = np.repeat(np.arange(years.size), STRIKES)
    theta = (0.5**2 * years * (1.0 + 0.2 * np.sqrt(years)))[expiry]
    k = np.tile(np.linspace(-2.5, 2.5, STRIKES), years.size) * np.sqrt(theta)
    steepness = CURVATURE / np.sqrt(theta)
    bend = np.sqrt((steepness * k + SKEW) ** 2 + 1.0 - SKEW**2)
    vol = np.sqrt(0.5 * theta * (1.0 + SKEW * steepness * k + bend) / years[expiry])
    mid = vol + lift + NOISE * rng.uniform(-1.0, 1.0, vol.size)
    return {
        "years": years, "forward": np.full(years.size, FORWARD), "expiry": expiry, "strike": FORWARD * np.exp(k),
        "bid_vol": mid - HALF_SPREAD, "ask_vol": mid + HALF_SPREAD,
    }  # fmt: skip


def fit(quotes: Columns, previous: Surface | None = None) -> Surface:
    """The chain's surface."""
    given = (quotes[name] for name in ("years", "forward", "expiry", "strike", "bid_vol", "ask_vol"))
    return fit_surface(*given, previous=previous)


def quantlib_slices(quotes: Columns) -> list[QuantLib.SviInterpolatedSmileSection]:
    """QuantLib's SVI fit to the mids of every expiry alone: no bids and asks, and nothing between expiries."""
    today = QuantLib.Date(2, 1, 2026)
    QuantLib.Settings.instance().evaluationDate = today
    made = []
    for at, days in enumerate(DAYS):
        here = quotes["expiry"] == at
        mids = 0.5 * (quotes["bid_vol"] + quotes["ask_vol"])[here]
        level = float(mids.mean() ** 2 * days / 365.0)
        start = (0.5 * level, 0.3 * float(np.sqrt(level)), 0.5 * float(np.sqrt(level)), -0.2, 0.0)
        section = QuantLib.SviInterpolatedSmileSection(
            today + days, FORWARD, quotes["strike"][here].tolist(), False,
            float(mids[STRIKES // 2]), mids.tolist(), *start, False, False, False, False, False,
        )  # fmt: skip
        section.volatility(FORWARD)  # only now is it fitted
        made.append(section)
    return made


def ours_at(quotes: Columns, surface: Surface) -> np.ndarray:
    """The fitted vol of every quote."""
    k = np.log(quotes["strike"] / FORWARD).reshape(len(DAYS), STRIKES)
    variance = np.array([svi.total_variance(each) for svi, each in zip(surface.slices, k, strict=True)])
    return np.sqrt(variance / quotes["years"][:, None]).reshape(-1)


def theirs_at(quotes: Columns) -> np.ndarray:
    """The same by QuantLib."""
    strikes = quotes["strike"].reshape(len(DAYS), STRIKES).tolist()
    fitted = zip(quantlib_slices(quotes), strikes, strict=True)
    return np.array([section.volatility(strike) for section, each in fitted for strike in each])


def off(quotes: Columns, vols: np.ndarray) -> float:
    """The furthest any vol is from its mid, in hundredths of a vol point."""
    return 1e4 * float(np.max(np.abs(vols - 0.5 * (quotes["bid_vol"] + quotes["ask_vol"]))))


def chain_fit(seconds: float) -> list[Target]:
    """A chain of 600 quotes: from nothing, and from the surface of a moment before, as the desk does it."""
    before, now = chain_quotes(), chain_quotes(LATER)
    previous = fit(before)
    contenders = {
        "flatbook, from the fit before": lambda: fit(now, previous),
        "flatbook, from nothing": lambda: fit(now),
        "QuantLib, SVI to mids, each expiry alone": lambda: quantlib_slices(now),
    }
    best = {name: time * 1e3 for name, time in race(contenders, 2.0 * seconds).items()}
    table(f"A chain's smiles, {now['strike'].size} quotes, {len(DAYS)} expiries", "ms", best)
    wide = 1e4 * HALF_SPREAD
    print(
        f"  furthest from a mid, in vol points / 100: ours {off(now, ours_at(now, fit(now, previous))):.0f}, "
        f"QuantLib {off(now, theirs_at(now)):.0f}; bid and ask are {wide:.0f} from it, the noise is {1e4 * NOISE:.0f}"
    )
    return [Target("600-quote chain fit, warm", CHAIN_MS, best["flatbook, from the fit before"], "ms")]


def heston_fit(seconds: float) -> list[Target]:
    """A hundred quotes of an equity index and of a coin; the target is judged by the slower."""
    peer, slowest = heston.Peer(), 0.0
    for name, truth in heston.TRUTHS.items():
        quotes = heston.quotes(truth)
        calibrate, _ = peer.calibrated(quotes)
        contenders = {
            "flatbook, from the same start": lambda quotes=quotes: heston_calibrate(**quotes, start=heston.START),
            "flatbook, from its own guess": lambda quotes=quotes: heston_calibrate(**quotes),
            "QuantLib AnalyticHestonEngine, same start": calibrate,
        }
        best = {name: time * 1e3 for name, time in race(contenders, 2.0 * seconds).items()}
        table(f"Heston calibration, {quotes['price'].size} quotes, {name}", "ms", best)
        slowest = max(slowest, best["flatbook, from the same start"], best["flatbook, from its own guess"])
    return [Target("Heston calibration of 100 quotes", HESTON_MS, slowest, "ms")]
