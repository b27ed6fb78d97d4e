"""How far delta may stray before it is worth trading."""


def half_band(gamma_cash: float, spot: float, cost_rate: float, risk_aversion: float, least: float) -> float:
    """The half-width of the no-trade region in coins, never below `least`.

    Whalley and Wilmott (1997) with rates at zero: (3/2 lambda S Gamma^2 / gamma)^(1/3), Gamma in coins per dollar, lambda the
    cost of trading as a fraction of value, gamma the risk aversion per dollar. `gamma_cash` is dollars of delta per 1% move.
    Trading that costs nothing, or is paid for, needs no room beyond the least.
    """
    if spot <= 0.0 or risk_aversion <= 0.0 or cost_rate <= 0.0:
        return least
    gamma = 100.0 * gamma_cash / (spot * spot)
    return max(least, float((1.5 * cost_rate * spot * gamma * gamma / risk_aversion) ** (1.0 / 3.0)))
