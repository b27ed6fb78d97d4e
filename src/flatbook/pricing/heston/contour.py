"""Where to integrate: a hyperbola through the saddle point of an option's transform, so that nothing cancels.

Undiscounted, per unit of forward, with k = ln(K/F) and f(p) = E (F_T/F)^p e^(-k(p-1)) / (p (p-1)), the integral of
f dp / (2 pi i) along a line Re p = c is a call for c > 1, a put for c < 0, and a call less the forward between. On the real
axis ln |f| is convex in each of the three and infinite at the ends, so it has one least point, the saddle; there the
integrand is no larger than the price asks for, however far out of the money (Lord and Kahl 2007, optimal alpha).

The line is bent into p(y) = saddle + i b (sinh(y + i w) - sinh(i w)), which turns its wings by the angle w to where
the integrand fades fastest, and on which the trapezoid rule converges exponentially while the number of points grows
with the logarithm of the scales involved (Boyarchenko and Levendorskii 2019, sinh acceleration).
"""

from typing import NamedTuple

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.heston.characteristic import Complexes, log_moment, moment_strip
from flatbook.pricing.heston.parameters import HestonParameters

_NARROW = 1e-4  # moments finite less far than this beyond 1 leave no room there: the forward's own strip is used
_SADDLE_HALVINGS = 15
_LEAST_ODDS, _MOST_ODDS = -130.0, 20.0  # the saddle divides its interval in two parts whose ratio is e^this
_NUDGE = 1e-3  # of the distance to the nearer end: the step of a derivative taken through the complex plane
_PROBE = 0.05  # of that distance, for the curvature
_STEEPEST_TURN = 0.4  # radians; beyond pi/4 the bell around the saddle would grow along the wings
_NEGLIGIBLE = -41.5  # the logarithm of what is left out, relative to the integrand at the saddle
_LONGEST = 44.0  # in y: e^-44 is less than a digit even if only the Jacobian and 1/p^2 fade
_LENGTH_HALVINGS = 8


class Contour(NamedTuple):
    """One hyperbola for each of n rows, all columns (n,): its vertex as `saddle` and, for its digits, saddle - 1."""

    saddle: Floats
    less_one: Floats
    width: Floats  # b
    turn: Floats  # w, positive towards the left
    length: Floats  # the y at which the integrand has faded
    peak: Floats  # ln |f p (p-1)| at the saddle
    residue: Floats  # what the integral lacks of the option out of the money: 1 on the forward's own strip, else 0


def contours(moneyness: Floats, years: Floats, parameters: HestonParameters) -> Contour:
    """The hyperbola of each row, for its call if ln(K/F), `moneyness`, is at least 0, else for its put; `years` > 0."""
    distinct, of = np.unique(years, return_inverse=True)
    below, above = (room[of] for room in moment_strip(distinct, parameters))
    calls, own = moneyness >= 0.0, (moneyness >= 0.0) & (above < _NARROW)
    base, width = np.where(calls & ~own, 1.0, 0.0), np.where(own, 1.0, np.where(calls, above, below))
    side = np.where(calls, 1.0, -1.0)
    near, far = _saddle_distances(base, width, side, moneyness, years, parameters)
    saddle = base + side * near
    less_one = (base - 1.0) + side * near
    peak, bell = _peak_and_bell(saddle, less_one, np.minimum(near, far), moneyness, years, parameters)
    span = np.minimum(bell, np.minimum(near, far))
    turn = _turn(moneyness, years, parameters)
    contour = Contour(saddle, less_one, span, turn, np.empty(0), peak, np.where(own, 1.0, 0.0))
    return contour._replace(length=_length(contour, moneyness, years, parameters))


def along(contour: Contour, y: Floats) -> tuple[Complexes, Complexes, Complexes]:
    """p - saddle, p and dp/dy / i at the points `y` (n, m) of each row's hyperbola."""
    turn, width = contour.turn[:, None], contour.width[:, None]
    grown, shrunk = np.exp(y), np.exp(-y)
    sinh, cosh = 0.5 * np.where(y < 0.5, 2.0 * np.sinh(y), grown - shrunk), 0.5 * (grown + shrunk)
    cosine, sine = np.cos(turn), np.sin(turn)
    # sinh(y + iw) - i sin w = sinh y cos w + i sin w (cosh y - 1), and cosh y - 1 keeps its digits as sinh^2/(cosh + 1).
    step = width * (-sine * (sinh * sinh / (cosh + 1.0)) + 1j * (cosine * sinh))
    return step, contour.saddle[:, None] + step, width * (cosine * cosh + 1j * (sine * sinh))


def log_integrand(
    contour: Contour, step: Complexes, power: Complexes, moneyness: Floats, years: Floats, parameters: HestonParameters
) -> Complexes:
    """ln of f p (p-1) over its value at the saddle: what is left is the division by p (p-1) and the Jacobian."""
    exponent = log_moment(power, years[:, None], parameters)
    return exponent - moneyness[:, None] * (contour.less_one[:, None] + step) - contour.peak[:, None]


def _saddle_distances(
    base: Floats, width: Floats, side: Floats, moneyness: Floats, years: Floats, parameters: HestonParameters
) -> tuple[Floats, Floats]:
    """How far the saddle is from the end of its interval at 0 or 1, and from the other; by bisection on their ratio."""
    low, high = np.full(base.shape, _LEAST_ODDS), np.full(base.shape, _MOST_ODDS)
    for _ in range(_SADDLE_HALVINGS):
        odds = 0.5 * (low + high)
        near, far = _divided(width, odds)
        rising = side * _slope(
            base + side * near, (base - 1.0) + side * near, np.minimum(near, far), moneyness, years, parameters
        )
        low, high = np.where(rising > 0.0, low, odds), np.where(rising > 0.0, odds, high)
    return _divided(width, 0.5 * (low + high))


def _divided(width: Floats, odds: Floats) -> tuple[Floats, Floats]:
    """`width` in two parts whose ratio is e^odds."""
    return width / (1.0 + np.exp(-odds)), width / (1.0 + np.exp(odds))


def _slope(
    power: Floats, less_one: Floats, room: Floats, moneyness: Floats, years: Floats, parameters: HestonParameters
) -> Floats:
    """The derivative of ln |f| on the real axis."""
    nudge = _NUDGE * room
    moment = log_moment(power + 1j * nudge, years, parameters).imag / nudge
    return moment - moneyness - 1.0 / power - 1.0 / less_one


def _peak_and_bell(
    power: Floats, less_one: Floats, room: Floats, moneyness: Floats, years: Floats, parameters: HestonParameters
) -> tuple[Floats, Floats]:
    """ln |f p (p-1)| at the saddle, and the standard deviation of the bell that |f| is across it."""
    probe = _PROBE * room
    here = log_moment(power.astype(np.complex128), years, parameters).real
    aside = log_moment(power + 1j * probe, years, parameters).real
    curvature = 2.0 * (here - aside) / (probe * probe) + 1.0 / (power * power) + 1.0 / (less_one * less_one)
    return here - moneyness * less_one, 1.0 / np.sqrt(curvature)


def _turn(moneyness: Floats, years: Floats, parameters: HestonParameters) -> Floats:
    """The angle towards which the integrand fades fastest far out, where ln E F^p is linear in p; 0 if the bell is all."""
    rho, sigma = parameters.rho, max(parameters.sigma, 1e-100)
    decay = (parameters.v0 + parameters.kappa * parameters.theta * years) / sigma
    along_axis, across = moneyness + rho * decay, decay * np.sqrt((1.0 - rho) * (1.0 + rho))
    best = np.arctan2(-along_axis, across + 1e-300)
    # With this many standard deviations in the bell, it has faded before the linear part begins.
    return np.clip(best, -_STEEPEST_TURN, _STEEPEST_TURN) * np.minimum(1.0, 40.0 * sigma * years / (decay + 1e-300))


def _length(contour: Contour, moneyness: Floats, years: Floats, parameters: HestonParameters) -> Floats:
    """The y beyond which the integrand is negligible, by bisection."""
    short, long = np.zeros(moneyness.shape), np.full(moneyness.shape, _LONGEST)
    for _ in range(_LENGTH_HALVINGS):
        y = 0.5 * (short + long)
        step, power, slope = (each[:, 0] for each in along(contour, y[:, None]))
        exponent = log_moment(power, years, parameters).real - moneyness * (contour.less_one + step.real) - contour.peak
        fading = slope * contour.saddle * contour.less_one / (power * (contour.less_one + step))
        size = exponent + np.log(np.abs(fading) / contour.width)
        faded = size < _NEGLIGIBLE
        short, long = np.where(faded, short, y), np.where(faded, y, long)
    return long
