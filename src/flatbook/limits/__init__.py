"""How much risk is allowed, how much is used, and who says no.

A limit bounds the size of an underlying's delta, gamma and vega in cash, of one order, and of the loss since the start.
Usage is the size of the number plus the doubt of untrusted rows: ignorance uses up limits. The gate approves or refuses
each wish with a reason, assuming that it fills at once and in full; what brings usage down passes even above the limit. The
breaker has three states: running, reduce-only (only what brings risk down) and paused (nothing but cancels and, while
flattening, hedges). Trouble with the books trips it to reduce-only; only an operator resumes.
"""

from flatbook.limits.breaker import Breaker, Mode, trip
from flatbook.limits.gate import Gate, Impact, open_gate, refusal
from flatbook.limits.parameters import Limits, UnderlyingLimits
from flatbook.limits.usage import Usage, breached, usage

__all__ = [
    "Breaker",
    "Gate",
    "Impact",
    "Limits",
    "Mode",
    "UnderlyingLimits",
    "Usage",
    "breached",
    "open_gate",
    "refusal",
    "trip",
    "usage",
]
