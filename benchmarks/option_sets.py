"""The options that contenders are timed on: a liquid chain, and hard prices made in 50-digit arithmetic.

The vol of each is known before it is sought. A price carries half a rounding, and where vega is small the vol it stands
for is blurred by more than that: the conditioning kappa = (dw/w) / (dp/p) of the total deviation w says by how much. So an
error is counted in units of max(kappa, 1) roundings: a handful is all that double precision can give.
"""

from typing import NamedTuple

import mpmath
import numpy as np

DIGITS = 50
ROUNDING = 2.0**-52
SMALLEST_PRICE = 1e-190  # of the price's upper bound
FORWARD = 60_000.0

Columns = dict[str, np.ndarray]


def chain(rows: int) -> Columns:
    """Seeded options around one forward, a day to a year, within two and a half deviations of the money."""
    rng = np.random.Generator(np.random.PCG64(1))
    years, vol = rng.uniform(1 / 365, 1.0, rows), rng.uniform(0.3, 1.2, rows)
    distance = rng.uniform(-2.5, 2.5, rows)
    forward = np.full(rows, 60_000.0)
    strike = forward * np.exp(distance * vol * np.sqrt(years))
    return {"forward": forward, "strike": strike, "years": years, "vol": vol, "sign": np.where(distance > 0, 1.0, -1.0)}


def every_case(rows: int) -> tuple[Columns, np.ndarray]:
    """The chain with one row in five at its end, one delta-one, one without a forward yet; and which rows are inverse."""
    columns, row = chain(rows), np.arange(rows)
    columns["years"] = np.where(row % 5 == 1, 0.0, columns["years"])
    columns["sign"] = np.where(row % 5 == 2, 0.0, columns["sign"])
    columns["forward"] = np.where(row % 5 == 3, 0.0, columns["forward"])
    return columns, (row // 5 % 2).astype(np.float64)


class Hard(NamedTuple):
    """The hard options with their `price`, the conditioning of each, and what makes each one hard."""

    columns: Columns
    conditioning: np.ndarray
    family: np.ndarray


def hard(rows: int = 500) -> Hard:
    """Four families of about `rows` options each; only prices that, as doubles, have a solution at all."""
    rng = np.random.Generator(np.random.PCG64(2))
    w_wide = np.exp(rng.uniform(np.log(1e-6 * 0.01), np.log(22.0), rows))
    families = {
        # name: total deviation, log-moneyness in deviations below the money
        "far wings, to 1e-190 of the bound": (
            np.exp(rng.uniform(np.log(0.003), np.log(2.0), rows)),
            rng.uniform(4.0, 29.5, rows),
        ),
        "vols of 1e-6 to 10": (w_wide, rng.uniform(0.0, 5.0, rows)),
        "close to the upper bound": (rng.uniform(5.0, 16.3, rows), rng.uniform(0.0, 1.0, rows)),
        "in the money": (np.exp(rng.uniform(np.log(0.01), np.log(3.0), rows)), -rng.uniform(0.0, 3.0, rows)),
    }
    made = [_option(rng, name, float(w), float(x)) for name, sets in families.items() for w, x in zip(*sets, strict=True)]
    kept = [option for option in made if option is not None]
    columns = {name: np.array([each[name] for each in kept]) for name in ("forward", "strike", "years", "vol", "sign", "price")}
    return Hard(columns, np.array([each["kappa"] for each in kept]), np.array([each["family"] for each in kept]))


def _option(rng: np.random.Generator, family: str, w: float, distance: float) -> dict | None:
    """One option with deviation about `w`, `distance` deviations out of the money; None if its price has no solution."""
    sign = float(rng.choice((-1.0, 1.0)))
    vol = float(np.clip(w / np.sqrt(np.exp(rng.uniform(np.log(1e-4), np.log(5.0)))), 1e-6, 10.0))
    strike = FORWARD * float(np.exp(sign * distance * w))
    years = (w / vol) ** 2
    exact, kappa = _price(strike, years, vol, sign)
    price, bound = float(exact), FORWARD if sign > 0 else strike
    # As exact numbers: at or beyond its bounds, or smaller than promised, a price is not in the set.
    intrinsic = max(sign * (mpmath.mpf(FORWARD) - strike), 0)
    if not (intrinsic < price < bound and price >= SMALLEST_PRICE * bound and kappa < 1e12):
        return None
    numbers = {"forward": FORWARD, "strike": strike, "years": years, "vol": vol, "sign": sign, "price": price}
    return {**numbers, "kappa": kappa, "family": family}


def _price(strike: float, years: float, vol: float, sign: float) -> tuple[mpmath.mpf, float]:
    """Black-76 and its conditioning, of exactly these doubles, to 50 digits."""
    with mpmath.workdps(DIGITS + 220):  # an in-the-money tail of 1e-190 beside 1
        f, k = mpmath.mpf(FORWARD), mpmath.mpf(strike)
        w = mpmath.mpf(vol) * mpmath.sqrt(mpmath.mpf(years))
        d1 = mpmath.log(f / k) / w + w / 2
        price = sign * (f * mpmath.ncdf(sign * d1) - k * mpmath.ncdf(sign * (d1 - w)))
        return price, float(price / (w * f * mpmath.npdf(d1)))


def worst_error(found: np.ndarray, sought: np.ndarray, conditioning: np.ndarray | float = 1.0) -> float:
    """The largest relative error of the vols that were found, in roundings of the problem's conditioning."""
    there = np.isfinite(found) & (found > 0.0)
    error = np.abs(found / sought - 1.0) / (ROUNDING * np.maximum(conditioning, 1.0))
    return float(error[there].max()) if there.any() else float("nan")


def missed(found: np.ndarray) -> int:
    """How many options with a solution got none."""
    return int(np.count_nonzero(~(np.isfinite(found) & (found > 0.0))))


def beyond_promise(found: np.ndarray, sought: np.ndarray, conditioning: np.ndarray) -> int:
    """How many vols are further off than both 1e-12 of themselves and 1e-15 times the conditioning: none should be."""
    error = np.abs(found / sought - 1.0)
    return int(np.count_nonzero(~(error <= np.maximum(1e-12, 1e-15 * conditioning))))
