"""Memory and time of a real day: the Deribit chain and the StandX tape of 2026-01-06, 08:00 to 20:00, in a process of its own.

    python benchmarks/memory.py [--folder .] [--until 2026-01-06T20:00:00Z]

The recordings are imported first, by this process; the child only runs the backtest, with a journal as a user would, and
reads its own peak from the operating system. Beside it stands the same child that only imports flatbook and compiles its
kernels: what is left is the desk's own.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

from flatbook.basics import parse_utc
from flatbook.pricing import warm
from flatbook.runtime.backtest import run_backtest
from flatbook.runtime.worlds import open_recording
from tapes import missing, real_day, workshop

START, END = "2026-01-06T08:00:00Z", "2026-01-06T20:00:00Z"
TARGET_MB = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("."))
    parser.add_argument("--until", default=END)
    parser.add_argument("--child", nargs=2, metavar=("SPEC", "JOURNAL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        spec, journal = arguments.child
        print(json.dumps(run_child(spec, journal, arguments.until)))
        return
    reason = missing("deribit_chain", "standx")
    if reason is not None:
        print(reason)
        return
    with workshop(arguments.folder) as folder:
        chain, tape = real_day(folder)
        report(ask_child("", "", arguments.until), ask_child(f"{chain}+{tape}", str(folder / "day.journal"), arguments.until))


def run_child(spec: str, journal: str, until: str) -> dict[str, float]:
    """The run, in the process that is measured; without a spec only what every run needs first."""
    warm()
    if not spec:
        return {"peak_mb": peak_mb()}
    start_ns, end_ns = parse_utc(START), parse_utc(until)
    record = run_backtest(spec, start_ns=start_ns, end_ns=end_ns, journal=Path(journal))
    assert not record.tie_out.differences, record.tie_out.differences
    return {
        "peak_mb": peak_mb(),
        "wall_s": record.wall_s,
        "recorded": open_recording(spec, start_ns=start_ns, end_ns=end_ns, saved=None).event_count,
        "applied": record.counts.events,
        "batches": record.counts.batches,
        "requests": record.counts.requests,
        "fills": len(record.fills),
        "journal_mb": sum(part.stat().st_size for part in Path(journal).parent.glob(Path(journal).name + "*")) / 2**20,
        "hours": (end_ns - start_ns) / 3.6e12,
    }


def peak_mb() -> float:
    """The largest resident size so far.

    Linux remembers it per program in /proc; what getrusage says there includes the parent before it became this program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def ask_child(spec: str, journal: str, until: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--until", until, "--child", spec, journal]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said.splitlines()[-1])


def report(bare: dict[str, float], day: dict[str, float]) -> None:
    peak, wall_s = day["peak_mb"], day["wall_s"]
    print(f"\npeak memory of {day['hours']:g} hours of a real day        MB    of target")
    print(f"  flatbook imported and warm              {bare['peak_mb']:>8.0f}")
    print(f"  the backtest, journal and report        {peak:>8.0f}{peak / TARGET_MB:>11.2f} x of {TARGET_MB}")
    print(f"\nits time: {wall_s:.1f} s, {3600 * day['hours'] / wall_s:,.0f} times as fast as the market")
    print(f"  {day['recorded']:,} recorded events: {day['recorded'] / wall_s:,.0f} a second")
    print(f"  {day['applied']:,} events applied, answers included: {day['applied'] / wall_s:,.0f} a second")
    print(f"  {day['batches']:,} batches: {1e6 * wall_s / day['batches']:,.0f} us each")
    print(f"  {day['requests']:,} requests, {day['fills']:,} fills, a journal of {day['journal_mb']:,.0f} MB")


if __name__ == "__main__":
    main()
