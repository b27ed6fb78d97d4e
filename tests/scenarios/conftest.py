"""Tables in plain text, as a trader would write them on a whiteboard."""

from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def table() -> Callable[[str], list[dict[str, str]]]:
    """The rows of a table by its header. Columns are parted by two blanks or more; a rule of dashes is skipped."""

    def read(text: str) -> list[dict[str, str]]:
        lines = [line.strip() for line in text.strip().splitlines() if line.strip() and not set(line.strip()) <= {"-", " "}]
        header, *rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
        for row in rows:
            assert len(row) == len(header), f"{row} does not fit under {header}"
        return [dict(zip(header, row, strict=True)) for row in rows]

    return read
