"""How functions are compiled, and called by their address; all that needs Numba.

Kernels take addresses and counts, and nothing else, so one loop serves every kernel and both
precisions. With ``NUMBA_DISABLE_JIT=1`` the same lines run as Python.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeVar

import numba as typed_numba
import numpy as np
from llvmlite import ir as typed_ir
from numba import extending, types as typed_types
from numba.core import cgutils as typed_cgutils
from numba.np import arrayobj as typed_arrayobj

from pellucid.engine.machine_code import ARGUMENTS, WITHOUT_COMPILER, Compiled, python_kernels

# Some releases of these have types, and some have none.
numba: Any = typed_numba
types: Any = typed_types
cgutils: Any = typed_cgutils
arrayobj: Any = typed_arrayobj
ir: Any = typed_ir

F = TypeVar("F", bound=Callable[..., Any])

_SIGNATURE = types.float64(*[types.int64] * ARGUMENTS)
# The flags leave infinities and NaN what they are. `reassoc` lets sums be vectorised.
_EXACT = {"contract"}
_SUMMING = {"contract", "reassoc", "arcp", "nsz"}

# Python calls no function but by its address, and so they need no way in from there.
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


def kernel(function: Callable[..., Any], *, sums: bool = False) -> Compiled:
    """Compile a kernel: a function of nine whole numbers that gives one number."""
    if WITHOUT_COMPILER:
        python_kernels[id(function)] = function
        return Compiled(id(function), "", b"", function)
    flags = _SUMMING if sums else _EXACT
    made = numba.njit(_SIGNATURE, **{**_INNER, "fastmath": flags})(function)
    found = made.overloads[_SIGNATURE.args]
    symbol, library = found.fndesc.llvm_func_name, found.library
    at = library.get_pointer_to_function(symbol)
    return Compiled(at, symbol, library._get_compiled_object(), made)


if WITHOUT_COMPILER:

    def array(address: int, count: int, dtype: Any) -> Any:
        """Return the `count` numbers of type `dtype` at an address."""
        size = max(int(count), 0) * np.dtype(dtype).itemsize
        return np.frombuffer((ctypes.c_char * size).from_address(int(address)), dtype)

    def table(address: int, rows: int, columns: int) -> Any:
        """Return the whole numbers at an address, in rows and columns."""
        return array(address, rows * columns, np.int64).reshape(rows, columns)

    def call(address: int, *arguments: int) -> float:
        """Call the kernel at an address."""
        return float(python_kernels[int(address)](*arguments))

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
    def table(typing_context: Any, address: Any, rows: Any, columns: Any) -> Any:
        """Return the whole numbers at an address, in rows and columns."""
        made = types.Array(types.int64, 2, "C")

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            view, size = context.make_array(made)(context, builder), _I64(8)
            data = builder.inttoptr(args[0], view.data.type)
            strides = (builder.mul(args[2], size), size)
            arrayobj.populate_array(
                view, data=data, shape=args[1:], strides=strides, itemsize=size, meminfo=None
            )
            return view._getvalue()

        return made(types.int64, types.int64, types.int64), generate

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
            result, whole = types.float64, [types.int64] * ARGUMENTS
            kind = context.call_conv.get_function_type(result, whole)
            target = builder.inttoptr(args[0], kind.as_pointer())
            _, value = context.call_conv.call_function(builder, target, result, whole, args[1:])
            return value

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
