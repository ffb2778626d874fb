"""Model files: written whole or not at all, and read with one clear error for whatever else comes."""

import errno
import json
import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pellucid.catalogue.activations import LeakyRelu, OwnActivation
from pellucid.catalogue.initializers import Given
from pellucid.catalogue.losses import Huber
from pellucid.errors import InputError, ModelFileError
from pellucid.network import Network
from pellucid.training.storage import (
    FORMAT,
    check_arrays,
    network_from_data,
    network_to_data,
    read_model,
    write_model,
)

ARRAYS = {
    "W1": np.arange(6.0).reshape(2, 3),
    "b1": np.ones((1, 3), np.float32),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(20.0)[::3],
    "empty": np.empty((0, 3)),
}
HEADER = {"columns": ["ä", "b\nc", "\ud800"], "n": 3, "loss": [0.1, float("nan")], "none": None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.pellucid"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m.pellucid"
    write_model(path, HEADER, ARRAYS)
    return path.read_bytes()


def test_what_is_written_is_read_back(path):
    write_model(path, HEADER, ARRAYS)
    header, arrays = read_model(path)
    assert header == {**HEADER, "loss": [0.1, None], "format": FORMAT}
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype


def test_it_is_a_safetensors_file_with_one_json_text(path):
    """Read with nothing but the format's description."""
    write_model(path, HEADER, ARRAYS)
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8 : 8 + length])
    assert json.loads(head["__metadata__"]["pellucid"])["format"] == FORMAT
    start, end = head["transposed"]["data_offsets"]
    numbers = np.frombuffer(raw[8 + length :][start:end]).reshape(head["transposed"]["shape"])
    np.testing.assert_array_equal(numbers, ARRAYS["transposed"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_when_writing_fails_the_old_file_stays(path, monkeypatch, where, number):
    write_model(path, {"old": True}, ARRAYS)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, where, fail)
    with pytest.raises(ModelFileError, match=r"full|error"):
        write_model(path, HEADER, ARRAYS)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_when_interrupted_the_old_file_stays(path, monkeypatch):
    write_model(path, {"old": True}, ARRAYS)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_model(path, HEADER, ARRAYS)
    assert read_model(path)[0]["old"]
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ModelFileError, match="nowhere"):
        write_model(tmp_path / "nowhere" / "m.pellucid", HEADER, ARRAYS)


def test_a_link_is_followed_and_permissions_are_kept(path, tmp_path):
    write_model(path, HEADER, ARRAYS)
    path.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_model(link, {"new": True}, ARRAYS)
    assert link.is_symlink()
    assert read_model(path)[0]["new"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(ModelFileError, match="model file at"):
            read_model(path)


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_model(path)
    return str(caught.value)


def with_header(content, **changes):
    """Return the file with its text changed, and everything else as it was."""
    length = int.from_bytes(content[:8], "little")
    head = json.loads(content[8 : 8 + length])
    text = json.loads(head["__metadata__"]["pellucid"]) | changes
    head["__metadata__"]["pellucid"] = json.dumps(text)
    raw = json.dumps(head).encode()
    return len(raw).to_bytes(8, "little") + raw + content[8 + length :]


def test_a_newer_format_says_so(path, content):
    message = refused(path, with_header(content, format=FORMAT + 1, version="9.1"))
    assert f"format {FORMAT + 1}" in message
    assert "9.1" in message
    assert "newer" in message


@pytest.mark.parametrize("number", [0, -1, None, "1", True, 1.5, [1], {}])
def test_a_strange_format_is_refused(path, content, number):
    refused(path, with_header(content, format=number))


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"PK\x03\x04" + bytes(100),
        b"a,b\n1,2\n" * 50,
        b"\x80\x04\x95" + bytes(50),
        (2**63 - 1).to_bytes(8, "little") + b"{}",
        (2**62).to_bytes(8, "little") + b"{" * 1000,
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (20_000).to_bytes(8, "little") + b'{"a":' * 4000,
        (30).to_bytes(8, "little") + b'{"__metadata__":{"format":"p"}',
        (40).to_bytes(8, "little") + b'{"__metadata__":{"pellucid":1}}'.ljust(40),
        (70).to_bytes(8, "little") + b'{"__metadata__":{"pellucid":"[]","sha256":""}}'.ljust(70),
        (70).to_bytes(8, "little") + b'{"__metadata__":{"pellucid":"{}","sha256":""}}'.ljust(70),
        (90).to_bytes(8, "little")
        + b'{"__metadata__":{"pellucid":"{\\"format\\":1}","sha256":""}}'.ljust(90),
    ],
)
def test_foreign_and_hostile_files_get_one_clear_error(path, foreign):
    assert "Expected a" in refused(path, foreign)


def test_hostile_sizes_are_refused_before_anything_is_allocated(path, content):
    length = int.from_bytes(content[:8], "little")
    head = json.loads(content[8 : 8 + length])
    for shape, offsets in (
        ([10**9, 10**9], [0, 48]),
        ([2, 3], [0, 10**15]),
        ([-2, -3], [0, 48]),
        ([2, 3], [48, 0]),
        ([2**63, 2], [0, 48]),
    ):
        head["W1"].update(shape=shape, data_offsets=offsets)
        raw = json.dumps(head).encode()
        refused(path, len(raw).to_bytes(8, "little") + raw + content[8 + length :])


@pytest.mark.parametrize("share", np.linspace(0, 0.999, 40))
def test_a_truncated_file_is_refused(path, content, share):
    refused(path, content[: int(len(content) * share)])


def test_bytes_after_the_end_are_refused(path, content):
    refused(path, content + b"\0")


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_changed_bit_is_found(content, tmp_path_factory, data):
    at = data.draw(st.integers(0, len(content) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(content)
    changed[at] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "changed.pellucid"
    refused(path, bytes(changed))


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused(tmp_path_factory, raw):
    refused(tmp_path_factory.getbasetemp() / "any.pellucid", raw)


def test_arrays_are_checked_by_name_shape_type_and_value():
    shapes = {"W1": (2, 3)}
    check_arrays({"W1": np.ones((2, 3))}, shapes)
    for wrong in (
        {},
        {"W1": np.ones((2, 3)), "W2": np.ones(1)},
        {"W1": np.ones((3, 2))},
        {"W1": np.ones((2, 3), int)},
        {"W1": np.full((2, 3), np.nan)},
    ):
        with pytest.raises(ModelFileError):
            check_arrays(wrong, shapes)


def test_a_network_is_stored_and_read_back():
    network = Network(
        [2, 4, 3, 1],
        activation=[LeakyRelu(0.2), OwnActivation(lambda x: x * np.tanh(x), label_="mine")],
        loss=Huber(2.0),
        dropout=[0.1, 0.0],
        initializer=["he", "glorot", Given([[1.0], [2.0], [3.0]])],
        l1=0.1,
        l2=0.2,
        input_scale=True,
        parametric_activation=True,
    )
    again = network_from_data(json.loads(json.dumps(network_to_data(network))))
    assert network_to_data(again) == network_to_data(network)
    assert again.sizes == (2, 4, 3, 1)
    np.testing.assert_array_equal(again.start(0), network.start(0))
    z = np.linspace(-3, 3, 7).reshape(-1, 1)
    np.testing.assert_array_equal(again.layers[1].activation(z), network.layers[1].activation(z))


def test_what_older_files_do_not_say_is_what_they_meant():
    """They had no scale of the inputs, no weights of activations, and one share of dropout throughout."""
    network = Network([2, 3, 1], dropout=0.1)
    data = network_to_data(network)
    for newer in ("l2_by_rows", "input_scale", "parametric_activation", "dropout_schedule"):
        del data[newer]
    assert network_from_data(data) == network


def test_an_activation_without_an_expression_cannot_be_stored():
    own = OwnActivation(lambda x: np.interp(x, [0, 1], [0, 1]), lambda x: 0 * x)
    with pytest.raises(InputError, match="cannot be stored"):
        network_to_data(Network([1, 2, 1], activation=own))
