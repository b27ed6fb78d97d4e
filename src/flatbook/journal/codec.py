"""Batches as bytes, and effects as sixteen of them."""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from functools import cache

import msgspec
from msgspec import inspect

from flatbook.basics import InputFault
from flatbook.events import Batch

DIGEST_BYTES = 16
PLAIN = 0
ZLIB = 1

_BATCHES = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Batch, strict=True)
# Dictionaries are sorted: two effects that are equal have equal digests, however they were built.
_EFFECTS = msgspec.msgpack.Encoder(order="deterministic")


def encode_batch(batch: Batch) -> bytes:
    """The batch as MessagePack. Events are arrays that begin with their tag; Decimals are text, exponent kept."""
    return _BATCHES.encode(batch)


def decode_batch(data: bytes) -> Batch:
    """The batch that `encode_batch` wrote. Raises InputFault when the bytes are no batch of this version's events."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"is not a batch of events ({error})", remedy="read it with the flatbook that wrote it") from None


def effects_digest(effects: Sequence[msgspec.Struct], numbers: Sequence[float]) -> bytes:
    """Sixteen bytes that differ as soon as one effect, their order, or one bit of one number differs.

    `numbers` are the step's own figures (deltas, equity and the like, any order that is always the same), so that a
    drift is seen before it grows into another order. 0.0 and -0.0 differ. BLAKE2b over MessagePack and IEEE bytes.
    """
    hasher = hashlib.blake2b(_EFFECTS.encode(effects), digest_size=DIGEST_BYTES)
    hasher.update(struct.pack(f"<{len(numbers)}d", *numbers))
    return hasher.digest()


def pack(body: bytes, above: int | None) -> tuple[int, bytes]:
    """How the body is kept, and the kept bytes: deflated at level 1 when longer than `above`, plain if that is None.

    Measured (`benchmarks/journal.py`, ten market events a batch): deflating keeps 54% of the bytes and costs 25 us a batch, three
    times all the rest of journalling it. So it is for whoever is short of disk, never the default.
    """
    return (PLAIN, body) if above is None or len(body) <= above else (ZLIB, zlib.compress(body, 1))


def unpack(packing: int, kept: bytes) -> bytes:
    """The body that `pack` was given."""
    return zlib.decompress(kept) if packing == ZLIB else kept


def row_crc(sequence: int, packing: int, digest: bytes, kept: bytes) -> int:
    """CRC-32 over everything in a row, so that a flipped bit anywhere in it is noticed."""
    return zlib.crc32(kept, zlib.crc32(digest, zlib.crc32(struct.pack("<qB", sequence, packing))))


@cache
def event_shape() -> str:
    """A name for the exact fields, types and tags of a Batch: journals of another shape are refused, never misread."""
    described = repr(_described(inspect.type_info(Batch)))
    return hashlib.blake2b(described.encode(), digest_size=8).hexdigest()


def _described(node: inspect.Type) -> object:
    """What the bytes depend on, without the module paths and docstrings that they do not depend on."""
    match node:
        case inspect.StructType():
            return (node.tag, node.array_like, [(field.encode_name, _described(field.type)) for field in node.fields])
        case inspect.EnumType():
            return [(member.name, member.value) for member in node.cls]
        case inspect.UnionType():
            return sorted(repr(_described(option)) for option in node.types)
        case inspect.VarTupleType() | inspect.ListType():
            return ("many", _described(node.item_type))
        case _:
            return repr(node)
