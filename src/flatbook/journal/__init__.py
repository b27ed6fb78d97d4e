"""What the desk remembers: every batch it ever folded, in order, and what it answered.

The journal answers "what happened, and can it happen again exactly so?". Its unit is the batch, kept with the digest of
the effects that the step gave back. It is one SQLite file in WAL mode with one writer thread: appending hands a batch
to that thread and returns, the thread commits whatever waits as one group with synchronous=FULL, and
`wait_durable(sequence)` returns once the group with that batch is on the disk. A batch is durable before any request
it caused leaves the machine; a batch that caused none need not be waited for.

The shell's loop is `effects = step(state, batch)`, `journal.append(batch, digest)`, then `journal.wait_durable(
batch.sequence)` if the effects hold requests or the batch holds account facts, then send. A backtest appends without
waiting and closes at the end. Recovery is the latest snapshot and the batches after it.

Sequences count up by one from 1. Digests are 16 bytes. Times are the desk's nanoseconds. Whatever cannot be used
(no journal, another format, a damaged row, a second desk) is one InputFault that names the file and the batch.
The journal is not the ledger: the ledger holds postings, the journal holds what was told to the desk.
"""

from flatbook.journal.codec import decode_batch, effects_digest, encode_batch
from flatbook.journal.faults import JournalFault
from flatbook.journal.header import FORMAT_VERSION, Header, describe_build, new_header
from flatbook.journal.port import Entry, Store
from flatbook.journal.reader import JournalReader
from flatbook.journal.state_codec import decode_state, encode_state, fingerprint
from flatbook.journal.store import Journal

__all__ = [
    "FORMAT_VERSION",
    "Entry",
    "Header",
    "Journal",
    "JournalFault",
    "JournalReader",
    "Store",
    "decode_batch",
    "decode_state",
    "describe_build",
    "effects_digest",
    "encode_batch",
    "encode_state",
    "fingerprint",
    "new_header",
]
