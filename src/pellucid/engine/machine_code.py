"""Compiled kernels as they lie on the disk: found, loaded and called without Numba.

To import Numba, and to load what its own cache keeps, takes longer than many a fit. A kernel takes nine
whole numbers and gives one number; it knows neither Python nor Numba. So its machine code is kept in a
file of its own and linked by LLVM alone. A file counts only if it was made of the same source texts, by
the same versions, for the same processor, and is whole; at any doubt the kernel is compiled again.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.engine.threads import processors
from pellucid.errors import OutputError
from pellucid.writing import replace_file

# With this set, the same lines run as Python.
WITHOUT_COMPILER = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
ARGUMENTS = 9  # of every kernel

Compiling = Callable[[], object]
_compiling: ContextVar[Compiling | None] = ContextVar("_compiling", default=None)

# What has to live for as long as kernels are called: until the process ends.
_kept: list[Any] = []
_libraries = itertools.count()
# Results that nobody reads.
_unread = (ctypes.c_int64 * 2)()

# Files of this folder that only prepare kernels and call them: no machine code depends on them.
CALLERS = ("engine.py", "generate.py", "memory.py", "predictor.py", "source.py", "threads.py")

python_kernels: dict[int, Callable[..., Any]] = {}


@dataclass(frozen=True)
class Compiled:
    """A kernel that was just compiled: where it is, its name and code, and what keeps it there."""

    address: int
    symbol: str
    code: bytes
    kept: Any


def cache_folder() -> Path:
    """Return the folder for kernels of a user's own formulas: that of XDG, or a temporary one."""
    try:
        (_of_user() / "pellucid").mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp()) / "pellucid"
        folder.mkdir()
        return folder
    return _of_user() / "pellucid"


def _of_user() -> Path:
    base = os.environ.get("PELLUCID_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    return Path(base) if base else Path.home() / ".cache"


def folder() -> Path:
    """Return where machine code is kept: where Numba is told to keep its own, or in the user's cache."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return Path(named) if named else _of_user() / "pellucid"


@functools.cache
def sources() -> bytes:
    """Return a hash of all texts that kernels are made of."""
    here = Path(__file__).parent
    made = hashlib.sha256()
    compiled = sorted(path for path in here.rglob("*.py") if path.name not in CALLERS)
    for path in (*compiled, here.with_name("randomness.py")):
        made.update(hashlib.sha256(path.read_bytes()).digest())
    return made.digest()


@functools.cache
def machine() -> str:
    """Return a hash of what else decides how a kernel is compiled.

    Raises
    ------
    ImportError
        If Numba or LLVM are not there.
    """
    from llvmlite import binding

    told = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR"
    )
    parts = [
        *(version(name) for name in ("numba", "llvmlite", "numpy")),
        sys.version,
        binding.get_process_triple(),
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
        *told,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def is_on_disk(name: str) -> bool:
    """Return whether the code of a kernel is there, as far as can be told without LLVM."""
    try:
        return any(_payload(path) for path in folder().glob(f"{name}-*.kernel"))
    except OSError:
        return False


def _payload(path: Path) -> bytes:
    """Return what a file holds; nothing if it is not there, damaged, or of other sources."""
    try:
        content = path.read_bytes()
    except OSError:
        return b""
    stamp, digest, payload = content[:32], content[32:64], content[64:]
    good = stamp == sources() and digest == hashlib.sha256(payload).digest()
    return payload if good else b""


@contextmanager
def telling(compiling: Compiling) -> Iterator[None]:
    """Call `compiling` once if a kernel has to be compiled while this context is open."""
    token = _compiling.set(compiling)
    try:
        yield
    finally:
        _compiling.reset(token)


def _tell() -> None:
    tell = _compiling.get()
    if tell is not None:
        tell()
        _compiling.set(None)


def elsewhere(name: str, program: str) -> subprocess.Popen[bytes] | None:
    """Start a process whose program puts a kernel on the disk; None if the kernel is there, or no process is.

    Numba compiles one function at a time in a process, and most of that is Python. Whoever wants the kernel
    waits for the process, and compiles it after all if it is not there then.
    """
    is_python = (
        "python" in Path(sys.executable or "").stem.lower()
    )  # or a program that Python is part of
    if WITHOUT_COMPILER or not is_python or processors() == 1 or is_on_disk(name):
        return None
    _tell()
    places = f"import json, sys; sys.path[:] = json.loads(sys.argv[1]); {program}"
    quiet, window = subprocess.DEVNULL, getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        return subprocess.Popen(
            [sys.executable, "-c", places, json.dumps(sys.path)],
            stdin=quiet, stdout=quiet, stderr=quiet, creationflags=window,
        )  # fmt: skip
    except OSError:
        return None


def address(name: str, make: Callable[[], Compiled]) -> int:
    """Return where a kernel is: loaded from the disk, or else what `make` compiles.

    `name` is that of its file, and the same for the same source only.
    """
    if WITHOUT_COMPILER:
        return make().address
    path = folder() / f"{name}-{machine()}.kernel"
    symbol, _, code = _payload(path).partition(b"\n")
    if code:
        # A symbol that this process does not have, for one.
        with contextlib.suppress(RuntimeError):
            return _linked(symbol.decode(), code)
    _tell()
    made = make()
    _kept.append(made.kept)
    payload = made.symbol.encode() + b"\n" + made.code
    # Where nothing can be kept, the next process compiles it again.
    with contextlib.suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, sources() + hashlib.sha256(payload).digest() + payload)
    return made.address


@functools.cache
def _linker() -> Any:
    from llvmlite import binding
    from llvmlite.binding import orcjit

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return orcjit.create_lljit_compiler()


def _linked(symbol: str, code: bytes) -> int:
    from llvmlite.binding.orcjit import JITLibraryBuilder

    library = JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol(symbol)
    made = library.link(_linker(), f"kernel {next(_libraries)}")
    _kept.append(made)
    return int(made[symbol])


def function(address: int) -> Callable[..., Any]:
    """Return a kernel as a function of its nine numbers; while it runs, other threads may.

    What it gives is not handed on: a kernel that Python calls writes what is asked of it to memory.
    """
    if WITHOUT_COMPILER:
        return np.errstate(all="ignore")(python_kernels[address])
    # The way that Numba's functions are called: where the result goes, where trouble would, arguments.
    kind = ctypes.CFUNCTYPE(
        ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * ARGUMENTS
    )
    at = ctypes.addressof(_unread)
    return functools.partial(kind(address), at, at + 8)


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
