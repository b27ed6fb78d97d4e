"""Where the book stands, what is wished, and what the gate says."""

import pytest

from flatbook.limits import Breaker, Impact, Limits, Mode, UnderlyingLimits, open_gate, refusal
from flatbook.risk import Exposure

# The verdict is how the gate's sentence begins.
# In thousands of dollars. Limits: delta 1000, gamma 100, vega 50 (per percent, per point), one order 500.
VERDICTS = """
    mode         delta  gamma  vega  doubt  wish                  adds delta  gamma  vega  verdict
    ---------------------------------------------------------------------------------------------------------------------------
    running          0      0     0      0  a first quote                100      5     2  approved
    running        950      0     0      0  more of the same             100      0     0  delta would be $1,050,000
    running        950      0     0      0  the other side              -100      0     0  approved
    running       1500      0     0      0  a hedge half way            -400      0     0  approved
    running       1500      0     0      0  a hedge gone too far        -499      0    60  vega would be $60,000
    running        900      0     0    200  a small buy                   10      0     0  delta would be $1,110,000
    running        900      0     0    200  a small sale                 -10      0     0  approved
    running          0    120     0      0  a delta hedge               -300      0     0  approved
    running          0    120     0      0  a long option                100      5     2  gamma would be $125,000
    running          0    120     0      0  a short option              -100     -5    -2  approved
    running          0      0     0      0  a fat finger                 501      0     0  order of $501,000 is above the limit
    reduce-only    300     20    10      0  a quote that adds             50      1     1  reduce-only: the books differ
    reduce-only    300     20    10      0  a quote that sheds           -50     -1    -1  approved
    reduce-only    300     20    10      0  vega for delta               -50      0     5  reduce-only: the books differ
    reduce-only    300      0     0      0  a hedge                     -300      0     0  approved
    reduce-only    300      0     0      0  a hedge through zero        -499      0     0  approved
    reduce-only      0      0     0      0  anything                       1      0     0  reduce-only: the books differ
    paused         300      0     0      0  a quote that sheds           -50      0     0  paused: the books differ
    paused         300      0     0      0  a hedge                     -300      0     0  paused: the books differ
    flattening     300      0     0      0  a hedge                     -300      0     0  approved
    flattening     300      0     0      0  a quote that sheds           -50      0     0  paused: the books differ
"""

MODES = {
    "running": Breaker(),
    "reduce-only": Breaker(Mode.REDUCE_ONLY, "the books differ"),
    "paused": Breaker(Mode.PAUSED, "the books differ"),
    "flattening": Breaker(Mode.PAUSED, "the books differ", flattening=True),
}
LIMITS = Limits({"BTC": UnderlyingLimits(1e6, 1e5, 5e4)}, 5e5, 1e5, 100, 0.25)


def cells(line: str) -> list[str]:
    """The last columns of a verdict are read from their places, for several are called alike."""
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


@pytest.mark.parametrize("line", VERDICTS.strip().splitlines()[2:], ids=lambda line: " ".join(cells(line)[i] for i in (0, 5)))
def test_the_gate_says(line):
    mode, delta, gamma, vega, doubt, wish, more_delta, more_gamma, more_vega, verdict = cells(line)
    now = Exposure(
        delta_cash=1e3 * float(delta),
        gamma_cash=1e3 * float(gamma),
        vega_cash=1e3 * float(vega),
        doubt_delta_cash=1e3 * float(doubt),
    )
    gate = open_gate(LIMITS, MODES[mode], {"BTC": (now, 0.0)}, 0)
    added = [1e3 * float(number) for number in (more_delta, more_gamma, more_vega)]
    reason = refusal(gate, Impact("BTC", *added, notional=abs(added[0]), hedging="hedge" in wish))
    assert (reason or "approved").startswith(verdict)
