"""What a recording looks like on disk, and how one is recognised as whole."""

import hashlib
from pathlib import Path

import msgspec

from flatbook.basics import InputFault

FORMAT_NAME = "flatbook-recording"
FORMAT_VERSION = 1
MANIFEST_FILE = "recording.json"


class Part(msgspec.Struct, frozen=True):
    """One Parquet file of one kind of event. `path` is relative to the recording, with forward slashes."""

    kind: str
    path: str
    rows: int
    first_order: int
    last_order: int
    first_ns: int
    last_ns: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """`recording.json`: what was recorded, when, from where, and which files hold it.

    `start_ns` and `end_ns` are the arrival instants of the first and last event; both 0 when there is none. `notes` say
    in sentences what was derived, modelled or left out at import.
    """

    format: str
    version: int
    name: str
    source: str
    start_ns: int
    end_ns: int
    venues: list[str]
    event_count: int
    counts: dict[str, int]
    notes: list[str]
    parts: list[Part]


def load_manifest(folder: Path) -> Manifest:
    """The manifest of the recording in `folder`.

    Raises InputFault when the folder holds no recording, one of another version, or one whose parts are missing or cut short.
    """
    file = folder / MANIFEST_FILE
    if not file.is_file():
        raise InputFault(
            "is not a flatbook recording: it holds no recording.json",
            where=str(folder),
            remedy="make one with `flatbook import SOURCE TARGET`",
        )
    manifest = _decoded(file)
    for part in manifest.parts:
        _check_part(folder, part)
    return manifest


def verify_recording(folder: Path) -> Manifest:
    """The manifest, after every part was read and its SHA-256 compared. Raises InputFault at the first difference."""
    manifest = load_manifest(folder)
    for part in manifest.parts:
        if sha256_of(folder / part.path) != part.sha256:
            raise InputFault("differs from what was recorded", where=str(folder / part.path), remedy="import the recording again")
    return manifest


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _decoded(file: Path) -> Manifest:
    again = "import the recording again"
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise InputFault(f"cannot be understood ({error})", where=str(file), remedy=again) from None
    if manifest.format != FORMAT_NAME:
        raise InputFault(f"format is {manifest.format!r} where {FORMAT_NAME!r} is expected", where=str(file), remedy=again)
    if manifest.version != FORMAT_VERSION:
        wrong = f"version is {manifest.version} where this flatbook reads {FORMAT_VERSION}"
        raise InputFault(wrong, where=str(file), remedy=again)
    return manifest


def _check_part(folder: Path, part: Part) -> None:
    file = folder / part.path
    if not file.is_file():
        raise InputFault("is missing from the recording", where=str(file), remedy="import the recording again")
    size = file.stat().st_size
    if size != part.bytes:
        wrong = f"has {size} bytes where the recording says {part.bytes}"
        raise InputFault(wrong, where=str(file), remedy="import the recording again")
