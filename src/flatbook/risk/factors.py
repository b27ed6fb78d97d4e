"""The factor model and the price of holding an exposure."""

from functools import lru_cache

import msgspec
import numpy as np

from flatbook.basics import NS_PER_SECOND, NS_PER_YEAR, Correlation, Floats, Positive

_CLOSEST_TO_ONE = 1.0 - 1e-9  # beyond it a correlation matrix is singular to rounding


class FactorModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What moves together, and how much one minds. All figures are a person's choice; none has a default.

    risk_aversion: per dollar. horizon_s: how long a fill is expected to be held. spot_vol_floor: annual decimal, the
    least spot vol believed whatever the market implies. vol_of_vol: annual standard deviation of the 30-day vol
    level, in vol (0.9 is 90 points). spot_vol_correlation: within an underlying. spot_correlation,
    vol_correlation: between any two underlyings.
    """

    risk_aversion: Positive
    horizon_s: Positive
    spot_vol_floor: Positive
    vol_of_vol: Positive
    spot_vol_correlation: Correlation
    spot_correlation: Correlation
    vol_correlation: Correlation

    @property
    def horizon_years(self) -> float:
        """The holding horizon in years."""
        return self.horizon_s * NS_PER_SECOND / NS_PER_YEAR


class HoldingCost(msgspec.Struct, frozen=True):
    """The cost of the book as it is, and its price for one more unit of each factor.

    rate: dollars a year. gradient: (2, underlyings), dollars per dollar of loading over the horizon; row 0
    spot, row 1 vol level. curvature: (2, 2, underlyings), gamma x horizon x each underlying's own covariance.
    """

    rate: float
    gradient: Floats
    curvature: Floats


def covariance(model: FactorModel, spot_vols: Floats) -> Floats:
    """Annual covariance (2m, 2m) of the factors: the m spot moves, then the m vol levels. Positive semi-definite.

    More than two coins cannot all move strongly against each other: a correlation below -1/(m-1) counts as that.

    Built as D (W kron C) D with W the 2x2 spot-vol correlation and C the correlation across underlyings, so that
    no choice of correlations inside (-1, 1) can make a negative variance; where the two cross-correlations differ the
    spot-vol block carries their geometric mean.
    """
    count = spot_vols.shape[0]
    scale = np.concatenate([np.maximum(spot_vols, model.spot_vol_floor), np.full(count, model.vol_of_vol)])
    return _correlation(model, count) * np.outer(scale, scale)


@lru_cache(maxsize=8)  # it changes with the parameters and with a coin's first listing, and is asked for every second
def _correlation(model: FactorModel, count: int) -> Floats:
    """W kron C of the factors of `count` coins."""
    ones, identity = np.ones((count, count)), np.eye(count)

    def across(correlation: float) -> Floats:
        least = -_CLOSEST_TO_ONE / max(count - 1, 1)
        possible = min(max(correlation, least), _CLOSEST_TO_ONE)
        return possible * ones + (1.0 - possible) * identity

    spot_root = np.linalg.cholesky(across(model.spot_correlation))
    vol_root = np.linalg.cholesky(across(model.vol_correlation))
    cross = model.spot_vol_correlation * spot_root @ vol_root.T
    return np.block([[across(model.spot_correlation), cross], [cross.T, across(model.vol_correlation)]])


def holding_cost(model: FactorModel, factor_covariance: Floats, delta_cash: Floats, vega_level: Floats) -> HoldingCost:
    """Price the exposure x = (delta_cash by underlying, vega_level by underlying), dollars, measured from the target.

    The rate is (gamma/2) x' S x; the gradient is gamma tau S x, what one more dollar of a loading adds over the horizon.
    """
    exposure = np.concatenate([delta_cash, vega_level])
    marginal = model.risk_aversion * (factor_covariance @ exposure)
    count = delta_cash.shape[0]
    weight = model.risk_aversion * model.horizon_years
    blocks = factor_covariance.reshape(2, count, 2, count)
    return HoldingCost(
        rate=float(0.5 * exposure @ marginal),
        gradient=(marginal * model.horizon_years).reshape(2, count),
        curvature=weight * blocks.diagonal(axis1=1, axis2=3),  # spot and vol of each underlying with its own
    )
