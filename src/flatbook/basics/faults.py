"""What a person did that we cannot use, in one sentence."""


class InputFault(Exception):
    """A file, setting or message from outside that cannot be used.

    Reads as one sentence: where it is, what is wrong, and what to do. Bugs are assertions, never this.
    """

    def __init__(self, wrong: str, *, where: str = "", remedy: str = "") -> None:
        self.wrong = wrong
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        """`desk.toml, limits.BTC: delta_cash is missing; give the largest exposure in dollars.`, and the like."""
        place = f"{self.where}: " if self.where else ""
        advice = f"; {self.remedy}" if self.remedy else ""
        return f"{place}{self.wrong}{advice}."
