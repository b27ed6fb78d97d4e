"""What each command's help shows below its options: lines that can be typed as they stand."""


def _examples(*rows: tuple[str, str]) -> str:
    # Typer folds single line breaks of an epilog and keeps the empty lines.
    lines = [f"[cyan]$ {command}[/cyan]\n\n[dim]{meaning}[/dim]" for command, meaning in rows]
    return "\n\n".join(["[bold]Examples[/bold]", *lines])


RUN = _examples(
    ("flatbook run", "a simulated market, paper trading, and the page at http://127.0.0.1:8710"),
    ("flatbook run --for 10m --speed 0 --headless --var var/quick", "ten minutes of market as fast as they go, without a page"),
    (
        "flatbook run --market recordings/chain+recordings/tape --start 2026-01-06T07:59:00Z --speed 60",
        "recordings side by side, an hour a minute",
    ),
    ("flatbook run --config examples/cautious.toml --var var/cautious", "your own settings, with a journal of their own"),
)
BACKTEST = _examples(
    (
        "flatbook backtest recordings/chain+recordings/tape --start 2026-01-06T07:59:00Z --end 2026-01-06T20:00:00Z",
        "two recordings side by side, twelve hours of them; the summary on the terminal",
    ),
    ("flatbook backtest recordings/crash --report crash.html --seed 7", "and the whole report as one page"),
    ("flatbook backtest recordings/crash --journal var/crash.journal", "and the journal kept, to be replayed"),
)
REPLAY = _examples(
    ("flatbook replay var/simulated.journal", "exit code 0: every batch was equal; 1: the first that was not is named"),
)
IMPORT = _examples(
    (
        "flatbook import ../shared/data/deribit_chain recordings/chain --currency BTC --start 2026-01-05T21:00:00Z "
        "--end 2026-01-06T22:00:00Z",
        "a day of BTC option chains",
    ),
    ("flatbook import ../shared/data/standx recordings/tape", "a day of a perpetual's books and trades"),
    (
        "flatbook import ../shared/data/deribit_chain recordings/crash --start 2026-01-30 --end 2026-02-09",
        "ten days of option chains, BTC and ETH",
    ),
    ("flatbook import ../shared/data/binance_l2 recordings/binance", "raw websocket tapes of spot and perpetuals"),
)
REPORT = _examples(
    (
        "flatbook report examples/positions.csv --chain recordings/crash",
        "ladder, exposure, scenarios and largest risks, as tables",
    ),
    (
        "flatbook report book.csv --chain chain.csv.gz --html risk.html",
        "on a chain as it was downloaded, and as a page with plots",
    ),
    ("flatbook report examples/positions.csv --chain recordings/crash --at 2026-02-05T15:51:32Z", "the chain as it was then"),
)
DOCTOR = _examples(
    ("flatbook doctor", "exit code 1 when something would keep the desk from running"),
    ("flatbook doctor --var /srv/desk", "where the journal is going to be kept"),
)
