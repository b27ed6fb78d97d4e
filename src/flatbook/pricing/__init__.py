"""What an option is worth and how that changes: numba kernels on plain arrays, importing nothing of the house but basics.

Black-76 on the forward, undiscounted, as the option venues mark. Years are ACT/365, vols annual decimals. Values and
Greeks are in settlement units per unit of contract: dollars for linear options, coins for inverse ones (value V/F).
Greeks are per unit: delta per dollar of forward, gamma per dollar squared, vega per 1.00 of vol, theta per calendar
year (dV/dt, negative for a long option), vanna d2V/dFdvol, volga d2V/dvol2.
"""
