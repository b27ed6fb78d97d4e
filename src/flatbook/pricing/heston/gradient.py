"""The moments' logarithm with its derivatives by the five parameters, for fitting.

With beta, d, n, q, C and D as in `characteristic`, every parameter but v0 and theta acts through beta and d alone, so two
total derivatives, along each, serve three parameters: the gradient of Cui, del Bano Rollin and Germano (2017),
differentiated from this form.
"""

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.heston.characteristic import Complexes


def log_moment_and_gradient(power: Complexes, years: Floats, column: Floats) -> Complexes:
    """ln E (F_T/F)^p and its derivatives by v0, kappa, theta, sigma and rho: (6, *shape of `power`).

    `column` is v0, kappa, theta, sigma, rho, the fourth not 0; `years` broadcasts with `power`.
    """
    v0, kappa, theta, sigma, rho = column.tolist()
    product = power * (power - 1.0)
    slope = sigma * power
    beta = kappa - rho * slope
    d = np.sqrt(beta * beta - (sigma * sigma) * product)
    faded = np.exp(-d * years)
    n = 1.0 - faded
    per_d = 1.0 / d
    per_under = 1.0 / (d * (1.0 + faded) + beta * n)
    q = n * per_under
    under_by_d = 1.0 + faded + (beta - d) * years * faded
    q_by_d = (years * faded - q * under_by_d) * per_under
    b = (beta - d) * years - 2.0 * np.log((0.5 * per_d) / per_under)
    b_by_d = 2.0 * (per_d - under_by_d * per_under) - years
    lean = beta * per_d
    scale = kappa * theta / (sigma * sigma)
    level = v0 * product
    # Along beta, with d following; and along d alone.
    by_beta = scale * (years - 2.0 * q + b_by_d * lean) + level * (q_by_d * lean - q * q)
    by_d = scale * b_by_d + level * q_by_d
    out = np.empty((6, *power.shape), dtype=np.complex128)
    out[1] = product * q
    out[3] = (kappa / (sigma * sigma)) * b
    out[0] = v0 * out[1] + theta * out[3]
    out[2] = (theta / (sigma * sigma)) * b + by_beta
    out[4] = (-2.0 / sigma) * (theta * out[3]) - (rho * power) * by_beta - (sigma * product * per_d) * by_d
    out[5] = -slope * by_beta
    return out
