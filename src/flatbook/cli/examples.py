"""What each command's help shows below its options: lines that can be typed as they stand."""


def _examples(*rows: tuple[str, str]) -> str:
    # Typer folds single line breaks of an epilog and keeps the empty lines.
    lines = [f"[cyan]$ {command}[/cyan]\n\n[dim]{meaning}[/dim]" for command, meaning in rows]
    return "\n\n".join(["[bold]Examples[/bold]", *lines])


RUN = _examples(
    ("flatbook run", "a simulated market, paper trading, and the page at http://127.0.0.1:8710"),
    ("flatbook run --for 2m --headless --seed 7", "two minutes without a page, the same two minutes every time"),
    ("flatbook run --market day --speed 60", "a recording, an hour a minute"),
    ("flatbook run --config desk.toml --port 8711", "your own settings, on another port"),
)
BACKTEST = _examples(
    ("flatbook backtest chain+tape", "two recordings side by side; the summary on the terminal"),
    ("flatbook backtest crash --report crash.html --seed 7", "and the whole report as one page"),
    ("flatbook backtest chain+tape --journal var/day.journal", "and the journal kept, to be replayed"),
)
REPLAY = _examples(
    ("flatbook replay var/desk.journal", "exit code 0: every batch was equal; 1: the first that was not is named"),
)
IMPORT = _examples(
    ("flatbook import ../shared/data/deribit_chain crash --start 2026-01-30 --end 2026-02-09", "a week of option chains"),
)
REPORT = _examples(
    ("flatbook report book.csv --chain chain.parquet", "ladder, exposure, scenarios and largest risks, as tables"),
    ("flatbook report book.csv --chain chain.csv.gz --html risk.html", "and as a page with plots"),
    ("flatbook report book.csv --chain chain.parquet --at 2026-02-05T15:51:32Z", "the chain as it was then"),
)
DOCTOR = _examples(
    ("flatbook doctor", "exit code 1 when something would keep the desk from running"),
    ("flatbook doctor --var /srv/desk", "where the journal is going to be kept"),
)
