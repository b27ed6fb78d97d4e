"""A recording that is not whole is never taken for one."""

import msgspec
import pytest

from flatbook.basics import InputFault
from flatbook.events import Index, Listed
from flatbook.venues.recordings import load_manifest, verify_recording


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
    with pytest.raises(InputFault, match="differs from what was recorded"):
        verify_recording(folder)
