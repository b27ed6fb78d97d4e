"""What a recording looks like on disk, and how one is recognised as whole."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from flatbook.basics import InputFault
from flatbook.venues.recordings.columns import KINDS

FORMAT_NAME = "flatbook-recording"
FORMAT_VERSION = 1
MANIFEST_FILE = "recording.json"
_AGAIN = "import the recording again"


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
    _check_sums(file, manifest)
    return manifest


def verify_recording(folder: Path) -> Manifest:
    """The manifest, after every part was read and its SHA-256 compared. Raises InputFault at the first difference."""
    manifest = load_manifest(folder)
    for part in manifest.parts:
        if _known_sha256(folder / part.path) != part.sha256:
            raise InputFault("differs from what was recorded", where=str(folder / part.path), remedy=_AGAIN)
    return manifest


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _known_sha256(file: Path) -> str:
    """The same, but a file that has not changed since is read once a process: a desk opens its recording more than once."""
    stat = file.stat()
    return _sha256_at(file, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@cache
def _sha256_at(file: Path, inode: int, size: int, changed_ns: int, noted_ns: int) -> str:
    return sha256_of(file)


def _check_sums(file: Path, manifest: Manifest) -> None:
    """What the manifest says of the whole is what its parts add up to."""
    parts = manifest.parts
    told = (manifest.event_count, manifest.start_ns, manifest.end_ns)
    found = (
        sum(part.rows for part in parts),
        min((part.first_ns for part in parts), default=0),
        max((part.last_ns for part in parts), default=0),
    )
    if told != found:
        wrong = "the number of events, or when they begin and end, is not what the parts add up to"
        raise InputFault(wrong, where=str(file), remedy=_AGAIN)


def _decoded(file: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"cannot be understood ({error})", where=str(file), remedy=_AGAIN) from None
    if manifest.format != FORMAT_NAME:
        raise InputFault(f"format is {manifest.format!r} where {FORMAT_NAME!r} is expected", where=str(file), remedy=_AGAIN)
    if manifest.version != FORMAT_VERSION:
        wrong = f"version is {manifest.version} where this flatbook reads {FORMAT_VERSION}"
        raise InputFault(wrong, where=str(file), remedy=_AGAIN)
    return manifest


def _check_part(folder: Path, part: Part) -> None:
    file = folder / part.path
    if part.kind not in KINDS:
        wrong = f"{part.kind!r} is no kind of event that this flatbook knows"
        raise InputFault(wrong, where=str(folder / MANIFEST_FILE), remedy=_AGAIN)
    if not file.is_file():
        raise InputFault("is missing from the recording", where=str(file), remedy=_AGAIN)
    size = file.stat().st_size
    if size != part.bytes:
        wrong = f"has {size} bytes where the recording says {part.bytes}"
        raise InputFault(wrong, where=str(file), remedy=_AGAIN)
