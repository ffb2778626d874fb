"""Matrix products, made of tiles: some rows times one or two vectors of columns, all sums in registers.

In each step a tile reads a vector or two of B and one number of each row of A, multiplies all of them,
and adds to its sums, which no memory sees before the end. Layers of a network are small enough that
both matrices can be read where they stand; BLAS copies them first, which for these sizes costs more
than it saves. The tiles are LLVM code of our own, because no compiler makes them from loops. They are
right on every machine, and their sizes are those of the registers of this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engine.compiling import array, cgutils, emitted, inlined, ir, types
from pellucid.engine.layout import CHOSEN_AT, ENTRIES_AT, FIRST, SCRATCH, SPARSE_COLUMNS
from pellucid.engine.machine_code import WITHOUT_COMPILER

if not WITHOUT_COMPILER:
    from llvmlite.binding import get_host_cpu_features, get_process_triple

    _features = get_host_cpu_features()
    _bytes = 64 if _features.get("avx512f") else 32 if _features.get("avx") else 16
    _registers = 32 if _bytes == 64 or "aarch64" in get_process_triple() else 16
else:
    _bytes, _registers = 16, 16

# Two sums for each row, the two vectors and a number that is read must fit into the registers.
TILE_ROWS = 8 if _registers == 32 else 6
VECTOR_BYTES = _bytes
# So many steps at once: what a tile reads of B then stays in the nearest memory for the next rows.
DEPTH = 512
# Products of up to so many multiplications are loops over single numbers.
SMALL_PRODUCT = 64

# Kinds of products. To the first CHOSEN may be added: then A is a table of `layout` that names its rows, two or
# more, and they are read where they stand. Such a product has more than SMALL_PRODUCT multiplications.
PLAIN, OF_TRANSPOSED, WITH_TRANSPOSED = range(3)
CHOSEN = 4

if WITHOUT_COMPILER:

    def _matrix(at: int, rows: int, columns: int, row: int, step: int, T: Any) -> Any:
        """Return the (rows, columns) numbers at an address, with strides counted in numbers."""
        size = np.dtype(T).itemsize
        flat = array(at, (rows - 1) * row + (columns - 1) * step + 1, T)
        return np.lib.stride_tricks.as_strided(flat, (rows, columns), (row * size, step * size))

    def wide_tile(
        T: Any, A: int, a_row: int, a_step: int, row_order: int, B: int, b_row: int, C: int, c_row: int,
        k: int, rows: int, columns: int, negative: int, add: int,
    ) -> None:  # fmt: skip
        """C = ±A · B, or C ± A · B, with as many columns as two vectors hold.

        The whole numbers (of 4 bytes) at `row_order` name A's rows; with 0 they are the next ones.
        """
        columns = min(columns, 2 * VECTOR_BYTES // np.dtype(T).itemsize)
        rows, size = min(rows, TILE_ROWS), np.dtype(T).itemsize
        names = array(row_order, rows, np.int32) if row_order else range(rows)
        a = np.concatenate(
            [_matrix(A + int(i) * a_row * size, 1, k, a_row, a_step, T) for i in names]
        )
        value = a @ _matrix(B, k, columns, b_row, 1, T)
        c = _matrix(C, rows, columns, c_row, 1, T)
        c[:] = (c if add else T(0)) + (-value if negative else value)

    narrow_tile = wide_tile

    def row_tile(
        T: Any, A: int, a_step: int, B: int, b_row: int, C: int, k: int, columns: int,
        negative: int, add: int,
    ) -> None:  # fmt: skip
        """Compute the same for one row, and up to as many columns as one vector holds."""
        wide_tile(T, A, 0, a_step, 0, B, b_row, C, 0, k, 1, columns, negative, add)

    def transposed_square(T: Any, source: int, source_row: int, to: int, to_row: int) -> None:
        """Write a square of as many rows as a vector has numbers, transposed."""
        count = VECTOR_BYTES // np.dtype(T).itemsize
        square = _matrix(source, count, count, source_row, 1, T)
        _matrix(to, count, count, to_row, 1, T)[:] = square.T

else:
    _I64, _I32 = ir.IntType(64), ir.IntType(32)

    class _Vectors:
        """Writes LLVM code on vectors of a type."""

        def __init__(self, builder: Any, T: Any) -> None:
            self.builder = builder
            self.of = ir.FloatType() if T.dtype.bitwidth == 32 else ir.DoubleType()
            self.size = T.dtype.bitwidth // 8
            self.count = VECTOR_BYTES // self.size
            self.type = ir.VectorType(self.of, self.count)
            self.zero = ir.Constant(self.type, [0.0] * self.count)
            self.suffix = f"v{self.count}f{8 * self.size}"
            self.unknown = ir.Constant(self.type, ir.Undefined)

        def at(self, base: Any, row: Any, stride: Any) -> Any:
            """Return an address some strides (counted in numbers) after another."""
            b = self.builder
            return b.add(base, b.mul(b.mul(row, stride), _I64(self.size)))

        def named(self, order: Any, place: Any) -> Any:
            """Return the whole number (of 4 bytes) at a place of an order; the place itself if that is 0."""
            b = self.builder
            is_there = b.icmp_signed("!=", order, _I64(0))
            at = b.add(order, b.mul(place, _I64(4)))
            # Where there is none, a number of our own is read, which is cheaper than a branch.
            nothing = cgutils.alloca_once_value(b, _I32(0))
            pointer = b.select(is_there, b.inttoptr(at, nothing.type), nothing)
            return b.select(is_there, b.sext(b.load(pointer), _I64), place)

        def number(self, address: Any) -> Any:
            """Return a vector of the number at an address, repeated."""
            b = self.builder
            return self.repeated(b.load(b.inttoptr(address, self.of.as_pointer())))

        def repeated(self, number: Any) -> Any:
            b = self.builder
            first = b.insert_element(self.unknown, number, _I32(0))
            every = ir.Constant(ir.VectorType(_I32, self.count), [0] * self.count)
            return b.shuffle_vector(first, self.unknown, every)

        def load(self, address: Any, mask: Any) -> Any:
            """Return the vector at an address; with a mask, 0 where that is not set."""
            b = self.builder
            pointer = b.inttoptr(address, self.type.as_pointer())
            if mask is None:
                return b.load(pointer, align=self.size)
            kinds = [pointer.type, _I32, mask.type, self.type]
            function = self._intrinsic("masked.load", self.suffix + ".p0", self.type, kinds)
            return b.call(function, [pointer, _I32(self.size), mask, self.zero])

        def store(self, vector: Any, address: Any, mask: Any) -> None:
            """Write the vector to an address; with a mask, only where that is set."""
            b = self.builder
            pointer = b.inttoptr(address, self.type.as_pointer())
            if mask is None:
                b.store(vector, pointer, align=self.size)
                return
            kinds = [self.type, pointer.type, _I32, mask.type]
            function = self._intrinsic("masked.store", self.suffix + ".p0", ir.VoidType(), kinds)
            b.call(function, [vector, pointer, _I32(self.size), mask])

        def multiply_add(self, x: Any, y: Any, z: Any) -> Any:
            """Return x · y + z, rounded once where the machine can."""
            function = self._intrinsic("fmuladd", self.suffix, self.type, [self.type] * 3)
            return self.builder.call(function, [x, y, z])

        def first(self, count: Any) -> Any:
            """Return the mask of the first `count` places."""
            b = self.builder
            kind = ir.VectorType(_I32, self.count)
            wanted = b.insert_element(
                ir.Constant(kind, ir.Undefined), b.trunc(count, _I32), _I32(0)
            )
            wanted = b.shuffle_vector(wanted, wanted, ir.Constant(kind, [0] * self.count))
            return b.icmp_signed("<", ir.Constant(kind, list(range(self.count))), wanted)

        def _intrinsic(self, name: str, suffix: str, result: Any, kinds: list[Any]) -> Any:
            return cgutils.get_or_insert_function(
                self.builder.module, ir.FunctionType(result, kinds), f"llvm.{name}.{suffix}"
            )

    def _tile(
        builder: Any, T: Any, args: list[Any], vectors: int, *, masked: bool, most: int = TILE_ROWS
    ) -> None:
        A, a_row, a_step, row_order, B, b_row, C, c_row, k, rows, columns, negative, add = args
        v, b = _Vectors(builder, T), builder
        # Rows that are not there repeat the last one: they are computed, and written, once more.
        last = b.sub(rows, _I64(1))
        places = [b.select(b.icmp_signed("<", _I64(r), last), _I64(r), last) for r in range(most)]
        starts = [v.at(A, v.named(row_order, place), a_row) for place in places]
        ends = [
            b.add(v.at(C, place, c_row), _I64(n * VECTOR_BYTES))
            for place in places
            for n in range(vectors)
        ]
        mask = v.first(columns) if masked else None
        one = v.repeated(
            b.select(
                b.icmp_signed("!=", negative, _I64(0)),
                ir.Constant(v.of, -1.0),
                ir.Constant(v.of, 1.0),
            )
        )
        sums = [cgutils.alloca_once_value(b, v.zero) for _ in ends]
        with b.if_then(b.icmp_signed("!=", add, _I64(0))):
            for total, end in zip(sums, ends, strict=True):
                b.store(b.fmul(one, v.load(end, mask)), total)
        a_bytes, b_bytes = (b.mul(s, _I64(v.size)) for s in (a_step, b_row))
        with cgutils.for_range(b, k) as loop:
            there = b.add(B, b.mul(loop.index, b_bytes))
            read = [v.load(b.add(there, _I64(n * VECTOR_BYTES)), mask) for n in range(vectors)]
            offset = b.mul(loop.index, a_bytes)
            for r, start in enumerate(starts):
                number = v.number(b.add(start, offset))
                for n in range(vectors):
                    total = sums[r * vectors + n]
                    b.store(v.multiply_add(number, read[n], b.load(total)), total)
        for total, end in zip(sums, ends, strict=True):
            v.store(b.fmul(one, b.load(total)), end, mask)

    @emitted
    def wide_tile(
        typing_context: Any, T: Any, A: Any, a_row: Any, a_step: Any, row_order: Any, B: Any, b_row: Any,
        C: Any, c_row: Any, k: Any, rows: Any, columns: Any, negative: Any, add: Any,
    ) -> Any:  # fmt: skip
        """C = ±A · B, or C ± A · B, with as many columns as two vectors hold.

        The whole numbers (of 4 bytes) at `row_order` name A's rows; with 0 they are the next ones.
        """

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            _tile(builder, signature.args[0], args[1:], 2, masked=False)
            return context.get_dummy_value()

        return types.void(T, *[types.int64] * 13), generate

    @emitted
    def narrow_tile(
        typing_context: Any, T: Any, A: Any, a_row: Any, a_step: Any, row_order: Any, B: Any, b_row: Any,
        C: Any, c_row: Any, k: Any, rows: Any, columns: Any, negative: Any, add: Any,
    ) -> Any:  # fmt: skip
        """Compute the same for up to as many columns as one vector holds."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            _tile(builder, signature.args[0], args[1:], 1, masked=True)
            return context.get_dummy_value()

        return types.void(T, *[types.int64] * 13), generate

    @emitted
    def row_tile(
        typing_context: Any, T: Any, A: Any, a_step: Any, B: Any, b_row: Any, C: Any, k: Any,
        columns: Any, negative: Any, add: Any,
    ) -> Any:  # fmt: skip
        """Compute the same for one row, and up to as many columns as one vector holds."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            _, A, a_step, B, b_row, C, k, columns, negative, add = args
            whole = [
                A, _I64(0), a_step, _I64(0), B, b_row, C, _I64(0), k, _I64(1), columns, negative, add,
            ]  # fmt: skip
            _tile(builder, signature.args[0], whole, 1, masked=True, most=1)
            return context.get_dummy_value()

        return types.void(T, *[types.int64] * 9), generate

    @emitted
    def transposed_square(
        typing_context: Any, T: Any, source: Any, source_row: Any, to: Any, to_row: Any
    ) -> Any:
        """Write a square of as many rows as a vector has numbers, transposed."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            v = _Vectors(builder, signature.args[0])
            _, source, source_row, to, to_row = args
            rows = [v.load(v.at(source, _I64(r), source_row), None) for r in range(v.count)]
            # Squares of 1, 2, 4 … rows change places with those beside them, across the diagonal.
            step = 1
            while step < v.count:
                for r in range(v.count):
                    if r & step:
                        continue
                    upper, lower = rows[r], rows[r + step]
                    for at, shift in ((r, 0), (r + step, step)):
                        places = [
                            (lane + shift) if not lane & step else (v.count + lane - step + shift)
                            for lane in range(v.count)
                        ]
                        chosen = ir.Constant(ir.VectorType(_I32, v.count), places)
                        rows[at] = builder.shuffle_vector(upper, lower, chosen)
                step *= 2
            for r, row in enumerate(rows):
                v.store(row, v.at(to, _I64(r), to_row), None)
            return context.get_dummy_value()

        return types.void(T, *[types.int64] * 4), generate


@inlined
def _number_by_number(
    T: Any, A: int, B: int, C: int, m: int, n: int, k: int, kind: int, add: int
) -> None:
    """Compute a product of so few numbers that anything else would take longer to begin."""
    a, b, c = array(A, m * k, T), array(B, k * n, T), array(C, m * n, T)
    for i in range(m):
        for j in range(n):
            total, x, y = T(0), i, j
            if kind == PLAIN:
                for p in range(k):
                    total += a[i * k + p] * b[y]
                    y += n
            elif kind == OF_TRANSPOSED:
                for _ in range(k):
                    total -= a[x] * b[y]
                    x += m
                    y += n
            else:
                for p in range(k):
                    total += a[i * k + p] * b[j * k + p]
            c[i * n + j] = c[i * n + j] + total if add else total


def kernels(T: Any, SIZE: int) -> dict[str, Callable[..., float]]:
    """Return the kernel `product` for numbers of type `T` of `SIZE` bytes."""
    # long because: Numba's disk cache tells its types apart by the two constants that it closes over

    def product(
        A: int, B: int, C: int, m: int, n: int, k: int, kind: int, add: int, scratch: int
    ) -> float:
        """C (m, n) = A · B, or -(Aᵀ · B) with A (k, m), or A · Bᵀ with B (n, k), by `kind`.

        With `add` it is added to what C holds. `scratch` is the address of SCRATCH numbers. With CHOSEN,
        A is the address of a table that names its rows.
        """
        # long because: a function that is called is compiled by itself, and again where it is called
        lanes = VECTOR_BYTES // SIZE
        order = 0
        if kind >= CHOSEN:
            chosen = array(A, SPARSE_COLUMNS, np.int64)
            A, order = chosen[ENTRIES_AT], chosen[CHOSEN_AT] + 4 * chosen[FIRST]
            kind -= CHOSEN
        minus = kind == OF_TRANSPOSED
        a_row, a_step = (1, m) if kind == OF_TRANSPOSED else (k, 1)
        if m * n * k <= SMALL_PRODUCT and n <= lanes and kind != WITH_TRANSPOSED:
            for i in range(m):
                a_at, c_at = A + i * a_row * SIZE, C + i * n * SIZE
                row_tile(T, a_at, a_step, B, n, c_at, k, n, minus, add)
        elif m * n * k <= SMALL_PRODUCT:
            _number_by_number(T, A, B, C, m, n, k, kind, add)
        elif m == 1 and kind == PLAIN:
            # One row: every number of B is used once, four rows of it at a time.
            a, c = array(A, k, T), array(C, n, T)
            for j in range(n):
                c[j] = c[j] if add else T(0)
            for p in range(0, k - 3, 4):
                a0, a1, a2, a3 = a[p], a[p + 1], a[p + 2], a[p + 3]
                b0 = array(B + p * n * SIZE, n, T)
                b1 = array(B + (p + 1) * n * SIZE, n, T)
                b2 = array(B + (p + 2) * n * SIZE, n, T)
                b3 = array(B + (p + 3) * n * SIZE, n, T)
                for j in range(n):
                    c[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j])
            for p in range(k - k % 4, k):
                b = array(B + p * n * SIZE, n, T)
                for j in range(n):
                    c[j] += a[p] * b[j]
        elif m == 1 and kind == WITH_TRANSPOSED:
            a, c = array(A, k, T), array(C, n, T)
            for j in range(n):
                b = array(B + j * k * SIZE, k, T)
                total = c[j] if add else T(0)
                for p in range(k):
                    total += a[p] * b[p]
                c[j] = total
        else:
            panel = array(scratch, SCRATCH, T)
            for p in range(0, k, DEPTH):
                depth, more = min(DEPTH, k - p), 1 if add or p else 0
                j = 0
                while j < n:
                    wide = n - j >= 2 * lanes
                    columns = 2 * lanes if wide else min(n - j, lanes)
                    b_at, b_row = B + (p * n + j) * SIZE, n
                    if kind == WITH_TRANSPOSED:
                        # Rows of B become the columns of a panel, a square at a time.
                        b_at, b_row = scratch, 2 * lanes
                        whole = depth // lanes * lanes if columns % lanes == 0 else 0
                        for s in range(0, columns, lanes):
                            for q in range(0, whole, lanes):
                                source = B + ((j + s) * k + p + q) * SIZE
                                transposed_square(
                                    T, source, k, scratch + (q * b_row + s) * SIZE, b_row
                                )
                        for s in range(columns):
                            b = array(B + ((j + s) * k + p) * SIZE, depth, T)
                            for q in range(whole, depth):
                                panel[q * b_row + s] = b[q]
                    for i in range(0, m, TILE_ROWS):
                        a_at, c_at = A + (i * a_row + p * a_step) * SIZE, C + (i * n + j) * SIZE
                        row_order = 0
                        if order:
                            a_at, row_order = A + p * a_step * SIZE, order + i * 4
                        rows = m - i
                        if wide:
                            wide_tile(
                                T, a_at, a_row, a_step, row_order, b_at, b_row, c_at, n, depth, rows, columns,
                                minus, more,
                            )  # fmt: skip
                        else:
                            narrow_tile(
                                T, a_at, a_row, a_step, row_order, b_at, b_row, c_at, n, depth, rows, columns,
                                minus, more,
                            )  # fmt: skip
                    j += columns
        return 0.0

    return {"product": product}
