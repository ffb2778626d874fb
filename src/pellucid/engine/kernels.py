"""Which kernels a step needs: the printed ones of the package, or ones written to the user's cache."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import types

from pellucid.catalogue import Activation, Loss, Optimizer
from pellucid.engine import by_hand, generate, loop, source
from pellucid.engine.compiling import WITHOUT_COMPILER, kernel

# Compiled kernels by address: they live as long as the process.
_kept: dict[int, Any] = {}


def _compiled(function: Callable[..., Any], *, sums: bool) -> int:
    address, made = kernel(function, sums=sums)
    _kept[address] = made
    return address


@functools.cache
def by_hand_kernel(name: str, dtype: str) -> int:
    """Return the address of a kernel of `by_hand` for a type."""
    return _compiled(_by_hand(dtype)[name], sums=True)


@functools.cache
def _by_hand(dtype: str) -> dict[str, by_hand.Kernel]:
    T = np.dtype(dtype).type
    return by_hand.kernels(T, np.dtype(dtype).itemsize)


def cache_folder() -> Path:
    """Return the folder for kernels of a user's own formulas: that of XDG, or a temporary one."""
    base = os.environ.get("PELLUCID_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    folder = Path(base) if base else Path.home() / ".cache"
    try:
        (folder / "pellucid").mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp())
        (folder / "pellucid").mkdir()
    return folder / "pellucid"


@functools.cache
def _own_module(texts: tuple[str, ...], dtype: str) -> Any:
    """Return the module of printed kernels, from a file named by their hash: Numba caches files."""
    text = generate.file(list(texts), dtype)
    name = f"kernels_{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    path = cache_folder() / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        Path(file.name).replace(path)
    spec = importlib.util.spec_from_file_location(f"pellucid_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def _generated(kind: str, dtype: str) -> Any:
    return importlib.import_module(f"pellucid.engine.generated.{kind}_{dtype}")


def _is_ours(record: Any) -> bool:
    return type(record).__module__.startswith("pellucid.catalogue.") and record.name != "own"


@functools.cache
def _address(module: Any, name: str, *, sums: bool) -> int:
    return _compiled(getattr(module, name), sums=sums)


def activation(record: Activation, part: str, dtype: str) -> int:
    """Return the kernel of an activation: its `part` "forward", "delta", or one of these "parametric_"."""
    make = getattr(source, part)
    if _is_ours(record):
        module = _generated("activations", dtype)
    else:
        module = _own_module((make(record, record.name),), dtype)
    return _address(module, f"{record.name}_{part}", sums=not record.elementwise)


def loss(record: Loss, dtype: str, *, matching: bool) -> int:
    """Return the kernel of a loss, by itself or with its matching activation."""
    name = f"{record.name}_matching" if matching else record.name
    if _is_ours(record):
        module = _generated("losses", dtype)
    else:
        module = _own_module((source.loss(record, name, matching=matching),), dtype)
    return _address(module, f"{name}_loss", sums=True)


def optimizer(chain: Optimizer, dtype: str, roles: Collection[str]) -> tuple[int, dict[str, int]]:
    """Return the kernels of a chain: of what all gradients share (0 for nothing), and of each of `roles`."""
    name = source.optimizer_name(chain)
    module = _generated("optimizers", dtype)
    if not (all(_is_ours(p) for p in chain.pieces) and hasattr(module, f"{name}_update")):
        module = _own_module(tuple(generate.chain(chain, name)), dtype)
    found, of_role = "", {}
    for role, part in generate.UPDATE_OF.items():
        here = f"{name}{part}_update"
        found = here if hasattr(module, here) else found
        if role in roles:
            of_role[role] = _address(module, found, sums=True)
    shared = f"{name}_share"
    return _address(module, shared, sums=True) if hasattr(module, shared) else 0, of_role


@functools.cache
def loops() -> tuple[Callable[..., int], Callable[..., int]]:
    """Return the compiled `train` and `predict`."""
    if WITHOUT_COMPILER:
        return loop.train, loop.predict
    row, table = types.int64[::1], types.int64[:, ::1]
    options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    train = numba.njit(types.int64(row, table), **options)(loop.train)
    number = types.int64
    predict = numba.njit(number(row, table, number, number, number), **options)(loop.predict)
    return train, predict
