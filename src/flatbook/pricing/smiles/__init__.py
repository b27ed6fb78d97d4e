"""One expiry's smile as a formula: its shapes, whether they can be arbitraged, and the nearest shape that cannot.

A smile is total variance w = vol^2 x years against k = ln(strike / forward). `SVI` is Gatheral's five-number slice, in
raw, natural and jump-wings form; `SSVI` a whole surface of such slices with one correlation; `sabr_vol` Hagan's formula.

Two things can be wrong with a slice. *Butterfly*: somewhere the density it implies is negative, Durrleman's g(k) < 0, or
a wing rises so steeply that far options would not become worthless. *Calendar*: somewhere it lies below the slice of an
earlier expiry. `butterfly` and `calendar` decide both exactly, from the roots of polynomials and not on a grid, and say
where and how deep. `repaired` and `lifted` give the nearest slice that passes, with the reason in words.
"""

from flatbook.pricing.smiles.arbitrage import Butterfly, Calendar, butterfly, calendar
from flatbook.pricing.smiles.forms import JumpWings, Natural
from flatbook.pricing.smiles.lift import lifted
from flatbook.pricing.smiles.repair import Repair, distance, repaired
from flatbook.pricing.smiles.sabr import sabr_vol
from flatbook.pricing.smiles.ssvi import SSVI, BoundedPowerLaw, HestonLike, PowerLaw
from flatbook.pricing.smiles.svi import SVI

__all__ = [
    "SSVI",
    "SVI",
    "BoundedPowerLaw",
    "Butterfly",
    "Calendar",
    "HestonLike",
    "JumpWings",
    "Natural",
    "PowerLaw",
    "Repair",
    "butterfly",
    "calendar",
    "distance",
    "lifted",
    "repaired",
    "sabr_vol",
]
