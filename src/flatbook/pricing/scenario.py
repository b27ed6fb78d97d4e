"""What the book gains if spot and vol jump now: full revaluation of every row in every cell of a grid."""

import math

import numpy as np

from flatbook.basics import Floats
from flatbook.pricing.black import black_terms
from flatbook.pricing.compiled import compiled
from flatbook.pricing.normal import logarithm

LOWEST_VOL = 0.01  # a shocked vol never falls below one point


@compiled(fast=True)
def scenario_values(
    forward: Floats, strike: Floats, years: Floats, vol: Floats, sign: Floats, inverse: Floats,
    quantity: Floats, unit_price: Floats, spot_moves: Floats, vol_moves: Floats, out: Floats,
) -> None:  # fmt: skip
    """Dollars gained by the whole book in each cell into `out` (spot_moves, vol_moves), time unchanged.

    Rows are (n,) as in `option_greeks`, with signed `quantity` and `unit_price` the dollars per settlement unit now.
    A spot move x > -1 turns F into F(1+x), and a coin-settled row's unit price with it; a vol move is added to the
    vol, which stays at least 0.01. Where a row's own vol is 0.01 or more, no move is exactly no gain. A row
    whose forward is not known yet, 0, gains nothing. Neither does an inverse perpetual or future alone: it is -q/F coins
    at F dollars, and its gain is in the coins of its entry.
    """
    cells = spot_moves.size * vol_moves.size
    # The cells side by side, then the present, then padding: the inner loop runs eight cells at a time, and the order in
    # which rows are added is the rows' own, so the sum does not depend on how wide the machine is.
    width = (cells + 8) // 8 * 8
    factor, shift, lift, floor, total = np.empty(width), np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    for cell in range(width):
        factor[cell], shift[cell], lift[cell], floor[cell], total[cell] = 1.0, 0.0, 0.0, 0.0, 0.0
    for i in range(spot_moves.size):
        for j in range(vol_moves.size):
            cell = i * vol_moves.size + j
            factor[cell] = 1.0 + spot_moves[i]
            shift[cell] = math.log(1.0 + spot_moves[i]) if spot_moves[i] != 0.0 else 0.0
            lift[cell] = vol_moves[j]
            floor[cell] = LOWEST_VOL
    for row in range(forward.size):
        f, s, v = forward[row], sign[row], vol[row]
        if quantity[row] == 0.0 or not f > 0.0:
            continue
        is_inverse = inverse[row] != 0.0
        # Coins per dollar fall by just as much as dollars per coin rise: A(1+x) / F(1+x) is A/F.
        weight = quantity[row] * unit_price[row] * (1.0 / f if is_inverse else 1.0)
        if s == 0.0:
            for cell in range(width):
                total[cell] += weight * (-1.0 if is_inverse else f * factor[cell])
        else:
            k = strike[row]
            moneyness, root_years = logarithm(f / k), math.sqrt(max(years[row], 0.0))
            for cell in range(width):
                deviation = max(v + lift[cell], floor[cell]) * root_years
                terms = black_terms(f * factor[cell], k, moneyness + shift[cell], deviation, s)
                total[cell] += weight * terms[0]
    for i in range(spot_moves.size):
        for j in range(vol_moves.size):
            out[i, j] = total[i * vol_moves.size + j] - total[cells]
