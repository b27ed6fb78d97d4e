"""The positive roots of a polynomial, isolated without a doubt and found the same way on every machine.

Over t = u/(1+u) the positive axis is (0, 1), and in the Bernstein form no change of sign among the coefficients means
no root, one means one (Descartes' rule); what has more is halved. The halving is all averages, so rounding does not
grow, and no double root splits into a complex pair as with the eigenvalues of a companion matrix.

A pad is a matrix whose rows are polynomials, lowest power first, in one allocation for all that a kernel needs.
"""

from flatbook.basics import Floats
from flatbook.pricing.compiled import compiled

LONGEST = 14  # coefficients in a pad's row: degree 13
COLUMNS = 16  # of a pad
ROOTS_PAD = 48  # rows that `positive_roots` works in

_LOW, _WIDTH = 14, 15  # columns that say which piece of (0, 1) a row is
_NARROWEST = 2.0**-42  # what still has two changes of sign in so narrow a piece counts as one root
_PIECES = 400  # well-parted roots take some fifty; a polynomial that is all rounding must not take for ever
_SCALE = 20.0
_STEPS = 60
_CLOSE = 1e-10


@compiled(inner=True)
def _sign_changes(pad: Floats, row: int, n: int) -> int:
    changes, last = 0, 0.0
    for i in range(n):
        number = pad[row, i]
        if number != 0.0:
            changes += number * last < 0.0
            last = 1.0 if number > 0.0 else -1.0
    return changes


@compiled(inner=True)
def _split(pad: Floats, row: int, n: int, s: float, before: int, after: int) -> float:
    """Cut the Bernstein polynomial of a row at s into two rows, by de Casteljau's averages; its value there."""
    for i in range(n):
        pad[after, i] = pad[row, i]
    for level in range(n):
        pad[before, level] = pad[after, 0]
        for i in range(n - 1 - level):
            pad[after, i] += s * (pad[after, i + 1] - pad[after, i])
    return pad[after, 0]


@compiled(inner=True)
def _root_within(pad: Floats, row: int, n: int, before: int, after: int) -> float:
    """The root in (0, 1) of a Bernstein polynomial with one change of sign, by false position (Illinois) and halving."""
    low, high, at_low, at_high = 0.0, 1.0, 0.0, 0.0
    for i in range(n):
        # Where an end is itself a root, the next coefficient has the sign just inside.
        at_low = pad[row, i] if at_low == 0.0 else at_low
        at_high = pad[row, i] if pad[row, i] != 0.0 else at_high
    moved, s = 0, 0.5
    for step in range(_STEPS):
        s = 0.5 * (low + high) if step % 3 == 2 else (low * at_high - high * at_low) / (at_high - at_low)
        value = _split(pad, row, n, s, before, after)
        if value == 0.0 or high - low < _CLOSE:
            break
        if value * at_high > 0.0:
            high, at_high = s, value
            at_low *= 0.5 if moved == 1 else 1.0
            moved = 1
        else:
            low, at_low = s, value
            at_high *= 0.5 if moved == -1 else 1.0
            moved = -1
    return s


@compiled
def positive_roots(pad: Floats, first: int, n: int, out: Floats) -> int:
    """The roots u > 0 of the n coefficients in row `first` of the pad, into `out`, unordered; how many there are.

    The `ROOTS_PAD` rows from `first` on are overwritten. Roots closer than rounding can tell apart come as one; an even
    number of them in one place may come as none.
    """
    before, after = first + ROOTS_PAD - 2, first + ROOTS_PAD - 1
    binomial = 1.0
    for i in range(n):
        pad[first, i] /= binomial
        binomial *= (n - 1.0 - i) / (i + 1.0)
    pad[first, _LOW], pad[first, _WIDTH] = 0.0, 1.0
    top, found, pieces = first, 0, 0
    while top >= first and found < out.size:
        changes, pieces = _sign_changes(pad, top, n), pieces + 1
        low, width = pad[top, _LOW], pad[top, _WIDTH]
        # One root is looked for where u is of one size: a piece that reaches to 0 or infinity says nothing of its scale.
        vast = (low + width) * (1.0 - low) > _SCALE * low * (1.0 - low - width)
        if (changes > 1 or (changes == 1 and vast)) and width > _NARROWEST and pieces < _PIECES:
            s = 0.5
            middle = _split(pad, top, n, s, before, after)
            for i in range(n):
                pad[top, i], pad[top + 1, i] = pad[after, i], pad[before, i]
            width *= 0.5
            pad[top, _LOW], pad[top, _WIDTH], pad[top + 1, _LOW], pad[top + 1, _WIDTH] = low + width, width, low, width
            top += 1
            is_root, s = middle == 0.0, 1.0  # a root on the cut belongs to neither half
        else:
            s = _root_within(pad, top, n, before, after) if changes == 1 else 0.5
            top -= 1
            is_root = changes > 0
        # t and 1 - t, each from numbers that halving keeps exact: no digit is lost far out.
        t, rest = low + s * width, (1.0 - low) - s * width
        if is_root and t > 0.0 and rest > 0.0:
            out[found] = t / rest
            found += 1
    return found
