import pytest

from flatbook.basics import InputFault, parse_utc
from flatbook.dashboard.reports import read_chain
from flatbook.venues.importers import IMPORTERS, Selection, Task
from flatbook.venues.recordings import RecordingWriter


def index_of(chain, name):
    return chain.market.underlyings[chain.universe.underlyings[name]].index


def test_the_last_snapshot_is_taken_unless_another_is_asked_for(chain_file):
    last = read_chain(chain_file)
    assert last.now_ns == parse_utc("2026-02-05T15:00:00Z")
    assert index_of(last, "BTC") == 68_000.0
    earlier = read_chain(chain_file, parse_utc("2026-02-05T14:59:59Z"))
    assert earlier.now_ns == parse_utc("2026-02-05T09:00:00Z")
    assert index_of(earlier, "BTC") == 70_000.0


def test_a_time_before_the_chain_begins_is_a_fault(chain_file):
    with pytest.raises(InputFault, match="has no snapshot in the window"):
        read_chain(chain_file, parse_utc("2026-02-01"))


def test_a_file_that_is_no_chain_is_a_fault(tmp_path):
    path = tmp_path / "letter.csv"
    path.write_text("dear,sir\n1,2\n")
    with pytest.raises(InputFault, match=r"letter\.csv"):
        read_chain(path)


def test_a_recording_of_the_chain_is_the_same_market(chain_file, tmp_path):
    with RecordingWriter(tmp_path / "kept", name="kept", source="test") as writer:
        writer.extend(IMPORTERS["deribit-chain"].read(Task(chain_file, Selection(), lambda done, text: None, writer.notes)))
    direct, recorded = read_chain(chain_file), read_chain(tmp_path / "kept")
    assert recorded.now_ns == direct.now_ns
    assert set(recorded.universe.rows) == set(direct.universe.rows)
    assert index_of(recorded, "BTC") == index_of(direct, "BTC")
