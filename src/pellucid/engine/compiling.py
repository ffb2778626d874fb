"""How functions are compiled, and called by their address.

Kernels take addresses and counts, and nothing else, so one loop serves every kernel and both
precisions. With ``NUMBA_DISABLE_JIT=1`` the same lines run as Python.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numba as typed_numba
import numpy as np
from llvmlite import ir as typed_ir
from numba import extending, types as typed_types
from numba.core import cgutils as typed_cgutils, event as typed_event
from numba.np import arrayobj as typed_arrayobj

# Some releases of these have types, and some have none.
numba: Any = typed_numba
types: Any = typed_types
cgutils: Any = typed_cgutils
arrayobj: Any = typed_arrayobj
event: Any = typed_event
ir: Any = typed_ir

F = TypeVar("F", bound=Callable[..., Any])

WITHOUT_COMPILER = bool(numba.config.DISABLE_JIT)
ARGUMENTS = 9  # of every kernel

_SIGNATURE = types.float64(*[types.int64] * ARGUMENTS)
# The flags leave infinities and NaN what they are. `reassoc` lets sums be vectorised.
_EXACT = {"contract"}
_SUMMING = {"contract", "reassoc", "arcp", "nsz"}

_python_kernels: dict[int, Any] = {}


# No function but the loop is called from Python, and so the others need no way in from there.
_INNER = {
    "fastmath": _EXACT,
    "error_model": "numpy",
    "nogil": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}


def inlined(function: F) -> F:
    """Compile a function into every kernel that calls it; a division by 0 gives infinity, as in NumPy."""
    made: F = numba.njit(forceinline=True, **_INNER)(function)
    return made


def compiled(function: F) -> F:
    """Compile a function that others call."""
    made: F = numba.njit(**_INNER)(function)
    return made


def emitted(make: Callable[..., Any]) -> Any:
    """Make a function that is LLVM code of our own."""
    return extending.intrinsic(make)


def kernel(function: Callable[..., Any], *, sums: bool = False) -> tuple[int, Any]:
    """Return the address of a compiled kernel, and what has to be kept for as long as it is used."""
    if WITHOUT_COMPILER:
        address = id(function)
        _python_kernels[address] = function
        return address, function
    flags = _SUMMING if sums else _EXACT
    made = numba.cfunc(_SIGNATURE, cache=True, fastmath=flags, error_model="numpy")(function)
    return made.address, made


@contextmanager
def telling(compiling: Callable[[], object]) -> Iterator[None]:
    """Call `compiling` once if something is compiled while this context is open."""

    class Once(event.Listener):  # type: ignore[misc]
        told = False

        def on_start(self, event: Any) -> None:
            if not self.told:
                self.told = True
                compiling()

        def on_end(self, event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Once()):
        yield


if WITHOUT_COMPILER:

    def array(address: int, count: int, dtype: Any) -> Any:
        """Return the `count` numbers of type `dtype` at an address."""
        size = max(int(count), 0) * np.dtype(dtype).itemsize
        return np.frombuffer((ctypes.c_char * size).from_address(int(address)), dtype)

    def call(address: int, *arguments: int) -> float:
        """Call the kernel at an address."""
        return float(_python_kernels[int(address)](*arguments))

    def add_atomically(address: int, value: int) -> int:
        """Add to the whole number at an address, and return what was there."""
        cell = array(address, 1, np.int64)
        before = int(cell[0])
        cell[0] += value
        return before

    def read_atomically(address: int) -> int:
        """Return the whole number at an address, as other threads have left it."""
        return int(array(address, 1, np.int64)[0])

    def call_plain(address: int) -> None:
        """Call a C function that takes nothing."""

else:
    _I64 = ir.IntType(64)

    @emitted
    def array(typing_context: Any, address: Any, count: Any, dtype: Any) -> Any:
        """Return the `count` numbers of type `dtype` at an address."""
        made = types.Array(dtype.dtype, 1, "C")

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            view = context.make_array(made)(context, builder)
            size = context.get_constant(types.intp, dtype.dtype.bitwidth // 8)
            data = builder.inttoptr(args[0], view.data.type)
            arrayobj.populate_array(
                view, data=data, shape=(args[1],), strides=(size,), itemsize=size, meminfo=None
            )
            return view._getvalue()

        return made(types.int64, types.int64, dtype), generate

    @emitted
    def call(
        typing_context: Any,
        at: Any,
        a: Any,
        b: Any,
        c: Any,
        d: Any,
        e: Any,
        f: Any,
        g: Any,
        h: Any,
        i: Any,
    ) -> Any:
        """Call the kernel at an address."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.FunctionType(ir.DoubleType(), [_I64] * ARGUMENTS)
            target = builder.inttoptr(args[0], kind.as_pointer())
            return builder.call(target, args[1:])

        return types.float64(*[types.int64] * (ARGUMENTS + 1)), generate

    @emitted
    def add_atomically(typing_context: Any, address: Any, value: Any) -> Any:
        """Add to the whole number at an address, and return what was there."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            slot = builder.inttoptr(args[0], _I64.as_pointer())
            return builder.atomic_rmw("add", slot, args[1], "seq_cst")

        return types.int64(types.int64, types.int64), generate

    @emitted
    def read_atomically(typing_context: Any, address: Any) -> Any:
        """Return the whole number at an address, as other threads have left it."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            slot = builder.inttoptr(args[0], _I64.as_pointer())
            return builder.load_atomic(slot, "seq_cst", 8)

        return types.int64(types.int64), generate

    @emitted
    def call_plain(typing_context: Any, address: Any) -> Any:
        """Call a C function that takes nothing."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            target = builder.inttoptr(args[0], ir.FunctionType(ir.IntType(32), []).as_pointer())
            builder.call(target, [])
            return context.get_dummy_value()

        return types.void(types.int64), generate


@functools.cache
def yield_address() -> int:
    """Return the address of the C function that lets another thread run, or 0."""
    if WITHOUT_COMPILER:
        return 0
    try:
        library = ctypes.CDLL(None)
        return ctypes.cast(library.sched_yield, ctypes.c_void_p).value or 0
    except (OSError, TypeError, AttributeError):
        return 0
