"""Numbers that a person may set, with the bounds outside which they make no sense. Checked wherever a file is read."""

from typing import Annotated

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0.0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Correlation = Annotated[float, msgspec.Meta(gt=-1.0, lt=1.0)]
PositiveCount = Annotated[int, msgspec.Meta(ge=1)]
