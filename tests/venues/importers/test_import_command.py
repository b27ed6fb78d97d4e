"""The command: what it makes, what it says, and what it leaves when it fails."""

import pytest
import typer
from typer.testing import CliRunner

from flatbook.basics import InputFault
from flatbook.cli import examples
from flatbook.cli.import_command import import_, import_recording
from flatbook.events import Ticker
from flatbook.venues.importers import detect_kind
from flatbook.venues.recordings import RecordingFeed, load_manifest


@pytest.fixture
def chain(write_csv, option_row):
    return write_csv("deribit_options_snapshot_1.csv", [option_row()])


@pytest.fixture
def command():
    app = typer.Typer()
    app.command("import", epilog=examples.IMPORT)(import_)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_an_import_is_a_recording_that_a_feed_plays(chain, tmp_path):
    manifest = import_recording(chain, tmp_path / "made", currencies=("BTC",), start="2026-01-05", end="2026-01-06")
    assert manifest == load_manifest(tmp_path / "made")
    assert manifest.counts == {"listings": 1, "indices": 1, "tickers": 1}
    assert isinstance(RecordingFeed(tmp_path / "made").take(2**62)[1][-1], Ticker)


def test_importing_twice_gives_the_same_bytes(chain, tmp_path):
    one, other = (import_recording(chain, tmp_path / name, name="same") for name in ("one", "other"))
    assert one == other


def test_progress_rises_to_the_whole(chain, tmp_path):
    heard = []
    import_recording(chain, tmp_path / "made", progress=lambda done, text: heard.append((done, text)))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1] == (1.0, "3 events")


@pytest.mark.parametrize(
    ("choice", "wrong"),
    [
        ({"kind": "fax"}, "'fax' is not a kind of import"),
        ({"start": "soon"}, "'soon': is not a UTC date"),
        ({"start": "2026-01-07", "end": "2026-01-06"}, "before it starts"),
        ({"end": "2020-01-01"}, "no snapshot in the window"),
        ({"start": "2030-01-01"}, "no snapshot in the window; it runs from 2026-01-05"),
        ({"currencies": ("DOGE",)}, "holds nothing of what was asked for"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_and_leaves_nothing(chain, tmp_path, choice, wrong):
    with pytest.raises(InputFault, match=wrong):
        import_recording(chain, tmp_path / "made", **choice)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_fault_in_the_middle_of_the_source_leaves_nothing(write_csv, option_row, tmp_path):
    rows = [option_row(), option_row(timestamp="2026-01-05T21:00:00+00:00", mark_price="")]
    with pytest.raises(InputFault, match="line 3, mark_price"):
        import_recording(write_csv("deribit_options_snapshot_1.csv", rows), tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_ctrl_c_in_the_middle_leaves_nothing(chain, tmp_path):
    def stop(done, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_recording(chain, tmp_path / "made", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_the_command_says_what_it_made_and_what_was_derived(command, chain, tmp_path):
    result = command(chain, tmp_path / "made")
    assert result.exit_code == 0, result.output
    assert "3 events from 2026-01-05T20:00:00.000Z" in result.output
    assert "no sizes" in result.output


def test_the_command_says_a_fault_in_one_sentence_and_exits_with_2(command, chain, tmp_path):
    assert command(chain, tmp_path / "made").exit_code == 0
    result = command(chain, tmp_path / "made")
    assert result.exit_code == 2
    assert "made: exists already" in result.output
    assert command(chain, tmp_path / "made", "--replace").exit_code == 0


def test_the_command_explains_itself_with_examples(command):
    result = command("--help")
    assert result.exit_code == 0
    assert "flatbook import" in result.output


def test_the_kind_is_found_from_what_is_in_the_source(chain, write_tape, write_standx, tmp_path):
    assert detect_kind(chain) == detect_kind(chain.parent) == "deribit-chain"
    assert detect_kind(write_tape("spot/btcusdt_20240808.gz", [])) == "binance"
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "orderbook_BTC-USD_2026-01-06_08.parquet").touch()
    assert detect_kind(tmp_path / "s") == "standx"


@pytest.mark.parametrize("name", ["nowhere", "notes.txt", "empty"])
def test_a_source_of_no_kind_is_refused(tmp_path, name):
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFault, match=name):
        detect_kind(tmp_path / name)
