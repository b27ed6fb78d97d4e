"""All benchmarks, one after the other: `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The order of a reader's questions: how fast is a price, a decision, the journal, a backtest, and what does it need.
SCRIPTS = (
    "pricing.py",
    "heston.py",
    "surface_report.py",
    "tick.py",
    "journal.py",
    "throughput.py",
    "memory.py",
)


def main() -> None:
    for name in SCRIPTS:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, str(HERE / name)], check=True)


if __name__ == "__main__":
    main()
