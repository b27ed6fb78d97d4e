"""The table of commands, and how faults leave the program."""

import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

from flatbook import __version__
from flatbook.basics import InputFault
from flatbook.cli import desk_commands, doctor, examples, import_command, report_command
from flatbook.cli.console import complain

EXIT_FAULT = 2
EXIT_TERMINATED = 143

app = typer.Typer(
    name="flatbook",
    help="The inventory-risk desk for crypto-derivatives market makers.",
    epilog="Start with [bold]flatbook run[/bold]: a simulated market, paper trading and a live page, no account needed.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run", epilog=examples.RUN)(desk_commands.run)
app.command("backtest", epilog=examples.BACKTEST)(desk_commands.backtest)
app.command("replay", epilog=examples.REPLAY)(desk_commands.replay)
app.command("import", epilog=examples.IMPORT)(import_command.import_)
app.command("report", epilog=examples.REPORT)(report_command.report)
app.command("doctor", epilog=examples.DOCTOR)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"flatbook {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which flatbook this is.")
    ] = False,
) -> None:
    """The inventory-risk desk for crypto-derivatives market makers."""


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that half an import is swept away and a screen is stopped. A running desk listens by itself."""
    complain("Terminated.")
    sys.exit(EXIT_TERMINATED)


def main(arguments: list[str] | None = None) -> None:
    """Run the command that `arguments` (by default the shell's) name, and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(args=arguments, prog_name="flatbook")
    except InputFault as fault:
        complain(str(fault))
        sys.exit(EXIT_FAULT)
    except OSError as error:
        # The system's own refusals (no such file, no permission, disk full) name the file; without one it is a bug.
        if error.filename is None or error.strerror is None:
            raise
        fault = InputFault(error.strerror.lower(), where=str(error.filename), remedy="check the path, its rights and the disk")
        complain(str(fault))
        sys.exit(EXIT_FAULT)
