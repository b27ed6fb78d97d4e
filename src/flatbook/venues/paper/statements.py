"""What a venue says we own, from time to time: assertions that the desk's own books must meet."""

from flatbook.events import BalanceStatement, PositionStatement
from flatbook.venues.paper.accounts import Moved, PaperAccounts


class Statements:
    """Remembers which balances and positions moved, and states those. Spot has a balance and no position."""

    def __init__(self, accounts: PaperAccounts) -> None:
        self._accounts = accounts
        self._balances: dict[tuple[str, str], None] = {}
        self._rows: dict[int, None] = {}

    def moved(self, balances: Moved, row: int | None = None) -> None:
        """These balances, and the position in `row`, are worth stating."""
        self._balances.update(dict.fromkeys(balances))
        if row is not None and row in self._accounts.positions:
            self._rows[row] = None

    def everything_moved(self) -> None:
        """State the whole account next time."""
        self.moved([(venue, asset) for venue, wallet in self._accounts.cash.items() for asset in wallet])
        self._rows.update(dict.fromkeys(self._accounts.positions))

    def state(self) -> list[BalanceStatement | PositionStatement]:
        """Statements of all that moved since the last ones."""
        accounts = self._accounts
        balances = [BalanceStatement(venue, asset, accounts.balance(venue, asset)) for venue, asset in self._balances]
        positions = [PositionStatement(row, accounts.position(row)) for row in self._rows]
        self._balances.clear()
        self._rows.clear()
        return [*balances, *positions]
