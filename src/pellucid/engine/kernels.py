"""Which kernels a step needs: the printed ones of the package, or ones written to the user's cache.

What compiles them is imported when one has to be compiled, and not before.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import re
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np

from pellucid.catalogue import Activation, Loss, Optimizer
from pellucid.engine import generate, machine_code, source
from pellucid.engine.machine_code import Compiled

# Before any of them is imported: what is edited later does not pass for what was compiled.
machine_code.sources()


@functools.cache
def by_hand_kernel(name: str, dtype: str) -> int:
    """Return the address of a kernel of `by_hand` for a type."""

    def make() -> Compiled:
        from pellucid.engine.compiling import kernel

        return kernel(_by_hand(dtype)[name], sums=True)

    return machine_code.address(f"by_hand_{dtype}.{name}", make)


@functools.cache
def _by_hand(dtype: str) -> dict[str, Callable[..., float]]:
    from pellucid.engine.by_hand import kernels

    T = np.dtype(dtype).type
    return kernels(T, np.dtype(dtype).itemsize)


@functools.cache
def sparse_product(dtype: str, index: str) -> int:
    """Return the address of the product of sparse rows: of entries of a type, with columns of another."""

    def make() -> Compiled:
        from pellucid.engine import compiling, sparse_product

        T, I = np.dtype(dtype), np.dtype(index)  # noqa: E741
        made = sparse_product.kernel(T.type, T.itemsize, I.type, I.itemsize)
        return compiling.kernel(made, sums=True)

    return machine_code.address(f"sparse_product_{dtype}.{index}", make)


@functools.cache
def _own_file(texts: tuple[str, ...], dtype: str) -> str:
    """Return the path of a file of printed kernels, named by their hash."""
    text = generate.file(list(texts), dtype)
    name = f"kernels_{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    path = machine_code.cache_folder() / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        Path(file.name).replace(path)
    return str(path)


@functools.cache
def _generated(kind: str, dtype: str) -> str:
    return str(generate.FOLDER / f"{kind}_{dtype}.py")


@functools.cache
def _names(file: str) -> frozenset[str]:
    """Return the names of the kernels in a file."""
    text = Path(file).read_text(encoding="utf-8")
    return frozenset(re.findall(r"^def (\w+)", text, re.MULTILINE))


@functools.cache
def _module(file: str) -> Any:
    """Return a file of kernels as a module."""
    path = Path(file)
    if path.parent == generate.FOLDER:
        return importlib.import_module(f"pellucid.engine.generated.{path.stem}")
    spec = importlib.util.spec_from_file_location(f"pellucid_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _is_ours(record: Any) -> bool:
    return type(record).__module__.startswith("pellucid.catalogue.") and record.name != "own"


@functools.cache
def _address(file: str, name: str, *, sums: bool) -> int:
    def make() -> Compiled:
        from pellucid.engine.compiling import kernel

        return kernel(getattr(_module(file), name), sums=sums)

    return machine_code.address(f"{Path(file).stem}.{name}", make)


def activation(record: Activation, part: str, dtype: str) -> int:
    """Return the kernel of an activation: its `part` "forward", "delta", or one of these "parametric_"."""
    make = getattr(source, part)
    if _is_ours(record):
        file = _generated("activations", dtype)
    else:
        file = _own_file((make(record, record.name),), dtype)
    return _address(file, f"{record.name}_{part}", sums=not record.elementwise)


def loss(record: Loss, dtype: str, *, matching: bool) -> int:
    """Return the kernel of a loss, by itself or with its matching activation."""
    name = f"{record.name}_matching" if matching else record.name
    if _is_ours(record):
        file = _generated("losses", dtype)
    else:
        file = _own_file((source.loss(record, name, matching=matching),), dtype)
    return _address(file, f"{name}_loss", sums=True)


def optimizer(chain: Optimizer, dtype: str, roles: Collection[str]) -> tuple[int, dict[str, int]]:
    """Return the kernels of a chain: of what all gradients share (0 for nothing), and of each of `roles`."""
    name = source.optimizer_name(chain)
    file = _generated("optimizers", dtype)
    if not (all(_is_ours(p) for p in chain.pieces) and f"{name}_update" in _names(file)):
        file = _own_file(tuple(generate.chain(chain, name)), dtype)
    found, of_role = "", {}
    for role, part in generate.UPDATE_OF.items():
        here = f"{name}{part}_update"
        found = here if here in _names(file) else found
        if role in roles:
            of_role[role] = _address(file, found, sums=True)
    shared = f"{name}_share"
    return _address(file, shared, sums=True) if shared in _names(file) else 0, of_role


@functools.cache
def begin() -> Popen[bytes] | None:
    """Let another process compile the loop, the largest part of all, if it is not on the disk yet."""
    program = "from pellucid.engine.kernels import of_loop; of_loop('train')"
    return machine_code.elsewhere("loop.train", program)


@functools.cache
def train() -> Callable[..., Any]:
    """Return the compiled `loop.train`; if another process is at it, when that is done."""
    process = begin()
    if process is not None:
        predict()  # who trains predicts next, and here is time to compile for it
        process.wait()
    return of_loop("train")


@functools.cache
def predict() -> Callable[..., Any]:
    """Return the compiled `loop.predict`."""
    return of_loop("predict")


def of_loop(name: str) -> Callable[..., Any]:
    """Return a kernel of `loop`, compiled by this process if it is not on the disk."""

    def make() -> Compiled:
        from pellucid.engine import loop
        from pellucid.engine.compiling import kernel

        return kernel(getattr(loop, name))

    return machine_code.function(machine_code.address(f"loop.{name}", make))
