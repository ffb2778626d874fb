"""Machine code that lies on the disk is used when it is surely what would be compiled, and only then."""

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from house_rules import imports

from pellucid.engine import kernels as engine_kernels, machine_code
from pellucid.engine.by_hand import kernels
from pellucid.engine.machine_code import WITHOUT_COMPILER, address, function, telling

pytestmark = pytest.mark.skipif(WITHOUT_COMPILER, reason="compiles kernels")


@pytest.fixture(scope="module")
def multiply():
    from pellucid.engine.compiling import kernel

    return kernel(kernels(np.float64, 8)["multiply"])


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path


class Make:
    """Counts how often a kernel had to be compiled."""

    def __init__(self, made):
        self.made, self.count = made, 0

    def __call__(self):
        self.count += 1
        return self.made


def product(at):
    a, b, c = np.arange(5.0), np.full(5, 2.5), np.zeros(5)
    function(at)(a.ctypes.data, b.ctypes.data, c.ctypes.data, 5, 0, 0, 0, 0, 0)
    return c


def test_a_kernel_is_compiled_once(multiply, folder):
    make = Make(multiply)
    first, second = address("k", make), address("k", make)
    assert make.count == 1
    assert first == multiply.address != second
    for at in (first, second):
        np.testing.assert_array_equal(product(at), np.arange(5) * 2.5)
    assert address("another", make) == multiply.address
    assert make.count == 2


def test_another_process_may_put_a_kernel_on_the_disk(monkeypatch, multiply, folder):
    monkeypatch.setattr(machine_code, "processors", lambda: 2)
    told, make = [], Make(multiply)
    program = """
from pellucid.engine import kernels as engine_kernels, machine_code
made = machine_code.Compiled(0, "a symbol", b"code", None)
machine_code.address("k", lambda: made)
"""
    with telling(lambda: told.append("compiling")):
        process = machine_code.elsewhere("k", program)
    assert process.wait() == 0
    assert told == ["compiling"]
    assert machine_code.is_on_disk("k")
    assert machine_code.elsewhere("k", program) is None
    address("l", make)
    assert machine_code.elsewhere("l", program) is None


def test_who_waits_for_a_process_that_fails_goes_on_alone(monkeypatch):
    asked, failing = [], subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    monkeypatch.setattr(engine_kernels, "begin", lambda: failing)
    monkeypatch.setattr(engine_kernels, "of_loop", asked.append)
    monkeypatch.setattr(engine_kernels, "predict", lambda: asked.append("predict"))
    engine_kernels.train.__wrapped__()
    assert (failing.returncode, asked) == (3, ["predict", "train"])


def test_no_other_process_where_it_would_not_help_or_be_python(monkeypatch, folder):
    program = "raise AssertionError"
    monkeypatch.setattr(machine_code, "processors", lambda: 1)
    assert machine_code.elsewhere("k", program) is None
    monkeypatch.setattr(machine_code, "processors", lambda: 2)
    for other in ("", "/usr/bin/blender", str(folder / "python-that-is-not-there")):
        monkeypatch.setattr(machine_code.sys, "executable", other)
        assert machine_code.elsewhere("k", program) is None


def test_who_wants_to_know_is_told_once_that_something_is_compiled(multiply, folder):
    told, make = [], Make(multiply)
    with telling(lambda: told.append("compiling")):
        for name in ("k", "l", "k", "l"):
            address(name, make)
    assert told == ["compiling"]
    with telling(lambda: told.append("again")):
        address("k", make)
    address("m", make)
    assert told == ["compiling"]


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def change_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("damage", [cut, change_a_byte, lambda path: path.write_bytes(b"")])
def test_a_damaged_file_is_replaced(damage, multiply, folder):
    make = Make(multiply)
    address("k", make)
    damage(*folder.glob("k-*.kernel"))
    address("k", make)
    assert make.count == 2
    address("k", make)
    assert make.count == 2


def test_other_sources_or_another_machine_compile_again(monkeypatch, multiply, folder):
    make = Make(multiply)
    address("k", make)
    monkeypatch.setattr(machine_code, "sources", lambda: bytes(32))
    address("k", make)
    assert make.count == 2
    monkeypatch.setattr(machine_code, "machine", lambda: "another")
    address("k", make)
    assert make.count == 3
    assert len(list(folder.iterdir())) == 2


def test_nothing_that_is_compiled_reads_what_the_stamp_leaves_out():
    folder, left_out = Path(machine_code.__file__).parent, machine_code.CALLERS
    assert all((folder / name).exists() for name in left_out)
    unread = {f"pellucid.engine.{name.removesuffix('.py')}" for name in left_out}
    compiled = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        read = {i.module for i in imports(Path("engine", path.name), tree)}
        # Kernels.py asks for what is compiled, in functions.
        if path.name != "kernels.py" and "pellucid.engine.compiling.array" in read:
            compiled.add(path.name)
            assert not [m for m in read for other in unread if f"{m}.".startswith(f"{other}.")]
    assert {"loop.py", "products.py", "losses_float32.py"} <= compiled


def test_what_cannot_be_linked_is_compiled_again(multiply, folder, capfd):
    """Its symbol is not in the code; or what a newer version wrote is no code at all."""
    for made in (
        dataclasses.replace(multiply, symbol="nowhere"),
        dataclasses.replace(multiply, code=b"nonsense"),
    ):
        make = Make(made)
        for _ in range(2):
            np.testing.assert_array_equal(product(address(made.symbol, make)), np.arange(5) * 2.5)
        assert make.count == 2


def test_without_a_place_to_keep_it_a_kernel_is_compiled_again(monkeypatch, multiply, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "folder"))
    make = Make(multiply)
    for _ in range(2):
        assert address("k", make) == multiply.address
    assert make.count == 2


def test_the_machine_has_a_name_that_its_settings_change(monkeypatch):
    name = machine_code.machine.__wrapped__
    here = name()
    monkeypatch.setenv("NUMBA_CACHE_DIR", "elsewhere")
    assert name() == here
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    assert name() != here
