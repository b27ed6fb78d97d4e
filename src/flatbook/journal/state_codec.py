"""The engine's state as bytes, whatever records it is made of.

State is a tree of msgspec Structs with typed fields: numbers, texts, Decimals, enums, lists, frozen facts, numpy columns
and dictionaries (integer and tuple keys too, their order kept, since iteration order is part of the state). It must be a
tree: a column held in two places would come back as two columns, so that is a bug and asserts. It holds no sets, whose
order depends on the process.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import numpy as np

from flatbook.basics import InputFault

T = TypeVar("T")


def encode_state(state: msgspec.Struct) -> bytes:
    """The state as MessagePack; a column is its dtype, shape and raw bytes. NaNs and signed zeros keep their bits."""
    return msgspec.msgpack.encode(state, enc_hook=_column_writer())


def decode_state(data: bytes, kind: type[T]) -> T:
    """The state that `encode_state` wrote, as a `kind`; its columns are fresh and writable.

    Raises InputFault when the bytes do not fit `kind`: they come from another version of the engine, or are damaged.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind, dec_hook=_read_column)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        remedy = "open the journal with the flatbook that wrote it"
        raise InputFault(f"does not fit this version's {kind.__name__} ({error})", where="snapshot", remedy=remedy) from None


def fingerprint(state: msgspec.Struct) -> str:
    """32 hexadecimal digits; two states share them only if they are equal to the last bit."""
    return hashlib.blake2b(encode_state(state), digest_size=16).hexdigest()


def _column_writer() -> Callable[[Any], Any]:
    seen: set[int] = set()

    def write(value: Any) -> Any:
        if isinstance(value, np.generic):
            return value.item()
        if not isinstance(value, np.ndarray):
            raise NotImplementedError(f"state holds a {type(value).__name__}, which no snapshot can keep")
        assert id(value) not in seen, "state holds the same column in two places"
        assert value.dtype.kind in "biuf", f"state holds a column of {value.dtype}, not of numbers or flags"
        seen.add(id(value))
        return value.dtype.str, value.shape, value.tobytes()

    return write


def _read_column(kind: Any, value: Any) -> Any:
    assert (get_origin(kind) or kind) is np.ndarray, f"state holds a {kind}, which no snapshot can keep"
    try:
        code, shape, data = value
        column = np.frombuffer(data, dtype=np.dtype(code)).reshape(shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a column: {error}") from None
    wanted = _declared_dtype(kind)
    if wanted is not None and column.dtype != wanted:
        raise ValueError(f"a column of {column.dtype} where {wanted} belongs")
    return column.copy()


def _declared_dtype(kind: Any) -> np.dtype[Any] | None:
    """float64 for `Floats`, int64 for `Ints`; None for a column of whatever numbers."""
    arguments = get_args(kind)
    scalars = get_args(arguments[1]) if len(arguments) == 2 else ()
    return np.dtype(scalars[0]) if scalars and isinstance(scalars[0], type) else None
