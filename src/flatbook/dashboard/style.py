"""How the page looks: dark, dense, one colour for gains and longs (blue), one for losses and shorts (orange).

Blue and orange stay apart for every common kind of colour blindness; amber and pink are kept for warnings, and a
warning always has words as well. Nothing is fetched: fonts are the system's, or those in NiceGUI's wheel.
"""

from pathlib import Path

import msgspec

UP = "#62b0ff"
DOWN = "#ff9d4d"
TEXT = "#d7dde6"
TEXT_DIM = "#8793a3"
GRID_LINE = "#232b36"
SERIES = ("#4fd1c5", "#b794f6", "#f6e05e", "#f687b3", "#a0aec0", "#68d391")

_VARIABLES = f"""
:root {{
  --page: #0a0d12; --panel: #10151c; --raised: #171d26; --line: {GRID_LINE}; --faint: #1a212b;
  --text: {TEXT}; --dim: {TEXT_DIM}; --up: {UP}; --down: {DOWN}; --warning: #ffd166; --critical: #ff6b9a;
}}
"""


class Layout(msgspec.Struct, frozen=True):
    """Where the panels stand on pages at least `width` pixels wide: text and row sizes, and lines of panels.

    A line names its panels with their width in twenty-fourths; a panel named on several lines spans them.
    """

    width: int
    text_px: int
    row_px: int
    heights: str
    lines: tuple[str, ...]
    more: str = ""


_WALL = (
    "exposure*24",
    "ladder*9 charts*5 quotes*10",
    "limits*5 terms*4 balances*5 quotes*10",
    "smiles*14 fills*10",
    "positions*9 alerts*5 hedges*10",
)
# From top to bottom: what we are exposed to, what we do about it, how it went.
_LAYOUTS = (
    Layout(
        width=0,
        text_px=12,
        row_px=20,
        heights="auto minmax(316px, auto) 300px auto 250px 250px 230px 300px",
        lines=(
            "exposure*24",
            "ladder*14 charts*10",
            "quotes*24",
            "limits*8 terms*7 alerts*9",
            "smiles*24",
            "fills*24",
            "hedges*24",
            "positions*17 balances*7",
        ),
    ),
    Layout(
        width=1900,
        text_px=13,
        row_px=22,
        heights="auto 178px minmax(240px, auto) auto 230px 230px 300px",
        lines=(
            "exposure*24",
            "ladder*10 charts*14",
            "ladder*10 quotes*14",
            "limits*5 terms*5 smiles*14",
            "alerts*10 fills*14",
            "alerts*10 hedges*14",
            "balances*10 positions*14",
        ),
    ),
    Layout(
        width=2500,
        text_px=14,
        row_px=24,
        heights="auto minmax(316px, auto) auto minmax(240px, 1fr) minmax(300px, 1fr)",
        lines=_WALL,
        more=".board { min-height: calc(100vh - 56px); }",
    ),
    Layout(
        width=3800,
        text_px=20,
        row_px=34,
        heights="auto minmax(450px, auto) auto minmax(340px, 1fr) minmax(430px, 1fr)",
        lines=_WALL,
    ),
)


def page_css() -> str:
    """The page's whole style sheet."""
    rules = (Path(__file__).parent / "screen.css").read_text(encoding="utf-8")
    return _VARIABLES + rules + "".join(_layout_css(layout) for layout in _LAYOUTS)


def _layout_css(layout: Layout) -> str:
    areas = " ".join(_area_line(line) for line in layout.lines)
    root = f":root {{ --size: {layout.text_px}px; --row: {layout.row_px}px; --gap: {layout.text_px // 2}px; }}"
    board = f".board {{ grid-template-rows: {layout.heights}; grid-template-areas: {areas}; }}"
    return f"@media (min-width: {layout.width}px) {{ {root} {board} {layout.more} }}\n"


def _area_line(line: str) -> str:
    names: list[str] = []
    for panel in line.split():
        name, _, width = panel.partition("*")
        names += [name] * int(width)
    return f'"{" ".join(names)}"'
