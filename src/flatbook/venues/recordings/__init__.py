"""What a market said, kept on disk and said again: the recording format, its writer and its feed.

A recording is a folder: one sub-folder of Parquet parts for each kind of market event, and `recording.json`, which is
written last, so that half a recording is never mistaken for a whole one. Every event carries `local_ns`, when it reached
the desk, and `order`, its place among all events of the recording. Rows on disk number the recording's own contracts in
order of listing; a feed renumbers them for the desk. `docs/RECORDING.md` documents every column.
"""

from flatbook.venues.recordings.feed import RecordingFeed
from flatbook.venues.recordings.format import FORMAT_VERSION, Manifest, Part, load_manifest, verify_recording
from flatbook.venues.recordings.merged import MergedFeed, merge_feeds, open_feed
from flatbook.venues.recordings.writer import RecordingWriter

__all__ = [
    "FORMAT_VERSION",
    "Manifest",
    "MergedFeed",
    "Part",
    "RecordingFeed",
    "RecordingWriter",
    "load_manifest",
    "merge_feeds",
    "open_feed",
    "verify_recording",
]
