"""Compiled kernels: numba's njit with the house's settings, typed, and with a cache that knows what a kernel calls."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, TypeVar, overload

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# Numba's decorators carry no types that a strict checker can read, so the module is taken as Any, here and only here.
_numba: Any = import_module("numba")

# Enough freedom to vectorise. Never `reassoc`: it would undo the compensated steps of exp and log.
FAST_MATH = frozenset({"nnan", "ninf", "nsz", "arcp", "contract", "afn"})


@overload
def compiled(function: Kernel) -> Kernel: ...
@overload
def compiled(*, fast: bool = False, inlined: bool = False, inner: bool = False) -> Callable[[Kernel], Kernel]: ...
def compiled(function: Any = None, *, fast: bool = False, inlined: bool = False, inner: bool = False) -> Any:
    """Compile a leaf function over scalars and arrays to machine code, cached on disk beside its source.

    `fast` lets the compiler assume that no number is NaN or infinite and fuse multiply-adds; `inlined` dissolves the
    function into its compiled callers, which a loop needs to be vectorised; `inner` leaves out what Python would need to
    call it, a tenth of the time to compile. Dividing by zero gives infinity, as in numpy.
    """
    if function is None:
        return partial(_compiled, fast=fast, inlined=inlined, inner=inner)
    return _compiled(function, fast=fast, inlined=inlined, inner=inner)


def _compiled(function: Callable[..., Any], *, fast: bool, inlined: bool, inner: bool) -> Any:
    """`compiled` with every choice made. Nobody calls a kernel from C."""
    options = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True, "no_cpython_wrapper": inner}
    kernel = _numba.njit(fastmath=set(FAST_MATH) if fast else False, forceinline=inlined, **options)(function)
    _stamp_cache(kernel, function)
    return kernel


def _stamp_cache(kernel: Any, function: Callable[..., Any]) -> None:
    """Make the disk cache of `kernel` notice a change in any kernel or constant it uses, not only in its own file.

    Numba trusts a cached kernel while its own source file is unchanged, and would go on calling yesterday's version of
    a helper that lives in another file.
    """
    cache = getattr(kernel, "_cache", None)
    if cache is None:  # NUMBA_DISABLE_JIT is set: the kernel is plain Python
        return
    names = function.__code__.co_names
    used = [_stamp_of(function.__globals__[name]) for name in names if name in function.__globals__]
    cache._cache_file._source_stamp = repr((cache._cache_file._source_stamp, used))


def _stamp_of(thing: Any) -> str:
    """What identifies the present version of a global a kernel uses: its source's stamp, or its value."""
    cache = getattr(thing, "_cache", None)
    if cache is not None:
        return str(cache._cache_file._source_stamp)
    return repr(thing) if type(thing) in (int, float, tuple) else ""
