"""How much of each limit is used."""

import msgspec

from flatbook.limits.parameters import Limits
from flatbook.risk import Exposure


class Usage(msgspec.Struct, frozen=True):
    """One limit's usage in dollars, doubt included."""

    name: str
    used: float
    limit: float

    @property
    def fraction(self) -> float:
        """Used over limit; above 1 is a breach."""
        return self.used / self.limit if self.limit > 0.0 else float(self.used > 0.0) * 1e9


def usage(limits: Limits, underlying: str, exposure: Exposure, target_cash: float) -> tuple[Usage, ...]:
    """Delta, gamma and vega usage of one underlying; none for an underlying without limits (it may not be traded)."""
    bounds = limits.underlyings.get(underlying)
    if bounds is None:
        return ()
    return (
        Usage(f"{underlying} delta", abs(exposure.delta_cash - target_cash) + exposure.doubt_delta_cash, bounds.delta_cash),
        Usage(f"{underlying} gamma", abs(exposure.gamma_cash) + exposure.doubt_gamma_cash, bounds.gamma_cash),
        Usage(f"{underlying} vega", abs(exposure.vega_cash) + exposure.doubt_vega_cash, bounds.vega_cash),
    )


def breached(usages: tuple[Usage, ...]) -> bool:
    """Whether any limit is used beyond itself."""
    return any(entry.used > entry.limit for entry in usages)
