"""A recording that is not whole is never taken for one."""

import msgspec
import polars as pl
import pytest

from flatbook.basics import InputFault
from flatbook.events import Index, Listed
from flatbook.venues.recordings import RecordingFeed, RecordingWriter, load_manifest, verify_recording


@pytest.fixture
def folder(record, perpetual):
    return record("r", [(1, Listed(0, perpetual("A"))), (2, Index("BTC", 1.0, 2))])


def rewrite(folder, **changes):
    file = folder / "recording.json"
    file.write_bytes(msgspec.json.encode(msgspec.json.decode(file.read_bytes()) | changes))


def test_a_folder_without_a_manifest_is_no_recording(tmp_path):
    with pytest.raises(InputFault, match=r"no recording\.json.*flatbook import"):
        load_manifest(tmp_path)


def test_a_manifest_of_a_later_version_is_refused_by_its_number(folder):
    rewrite(folder, version=99)
    with pytest.raises(InputFault, match="version is 99"):
        load_manifest(folder)


def test_a_manifest_of_something_else_is_refused(folder):
    rewrite(folder, format="holiday-pictures")
    with pytest.raises(InputFault, match="holiday-pictures"):
        load_manifest(folder)


def test_a_manifest_with_a_wrong_field_is_refused_by_the_field(folder):
    rewrite(folder, start_ns="yesterday")
    with pytest.raises(InputFault, match="start_ns"):
        load_manifest(folder)


def test_a_manifest_that_is_cut_short_is_refused(folder):
    file = folder / "recording.json"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(InputFault, match=r"recording\.json: cannot be understood"):
        load_manifest(folder)


def test_a_missing_part_is_named(folder):
    (folder / "indices" / "00000.parquet").unlink()
    with pytest.raises(InputFault, match=r"indices/00000\.parquet: is missing"):
        load_manifest(folder)


def test_a_part_cut_short_is_named(folder):
    part = folder / "indices" / "00000.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(InputFault, match=r"indices/00000\.parquet: has \d+ bytes"):
        load_manifest(folder)


def test_a_part_of_the_same_length_but_other_bytes_is_found_by_its_hash(folder):
    part = folder / "indices" / "00000.parquet"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    load_manifest(folder)
    for open_it in (verify_recording, RecordingFeed):
        with pytest.raises(InputFault, match=r"00000\.parquet: differs from what was recorded"):
            open_it(folder)


def test_a_part_that_changes_between_two_openings_is_read_again(folder):
    verify_recording(folder)
    part = folder / "indices" / "00000.parquet"
    part.write_bytes(part.read_bytes()[::-1])
    with pytest.raises(InputFault, match="differs from what was recorded"):
        verify_recording(folder)


@pytest.mark.parametrize("changes", [{"start_ns": 5}, {"end_ns": 10**18}, {"event_count": 3}, {"parts": []}])
def test_a_manifest_that_says_more_of_the_whole_than_its_parts_is_refused(folder, changes):
    rewrite(folder, **changes)
    with pytest.raises(InputFault, match=r"recording\.json: .* is not what the parts add up to"):
        load_manifest(folder)


def test_a_kind_of_event_that_nobody_knows_is_refused_by_its_name(folder):
    parts = msgspec.json.decode((folder / "recording.json").read_bytes())["parts"]
    rewrite(folder, parts=[*parts, parts[0] | {"kind": "rumours"}])
    with pytest.raises(InputFault, match="'rumours' is no kind"):
        load_manifest(folder)


def test_a_manifest_that_is_not_text_is_refused(folder):
    file = folder / "recording.json"
    file.write_bytes(file.read_bytes().replace(b"a test", b"\xe9 test"))
    with pytest.raises(InputFault, match=r"recording\.json: cannot be understood"):
        load_manifest(folder)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), pl.exceptions.ComputeError("No space left on device")])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, perpetual, monkeypatch, error):
    def refuse(*_arguments, **_options):
        raise error

    monkeypatch.setattr(pl.DataFrame, "write_parquet", refuse)
    with (
        pytest.raises(InputFault, match=r"00000\.parquet: cannot be written .*No space left.*; free some"),
        RecordingWriter(tmp_path / "r", name="r", source="a test") as writer,
    ):
        writer.append(1, Listed(0, perpetual("A")))
    assert list(tmp_path.iterdir()) == []
