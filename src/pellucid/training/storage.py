"""Model files: arrays and one JSON text, in the safetensors format. Nothing in them can run."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes, save as bytes_from_arrays

from pellucid.catalogue import from_data, to_data
from pellucid.catalogue.schedules import Constant
from pellucid.errors import ModelFileError, OutputError, PellucidError, explain
from pellucid.network import Network
from pellucid.writing import replace_file

Array = NDArray[Any]

# Format 1 had one kind of preparation, and networks without scaled inputs; format 2 one network.
FORMAT = 3
OLDEST_FORMAT = 1
KEY = "pellucid"
DIGEST = "sha256"
# The text of a model with thousands of columns takes a few megabytes.
LONGEST_HEADER = 64 * 1024 * 1024

# What code that reads a well-formed text of unexpected content may raise.
READING_ERRORS = (
    PellucidError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def write_model(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Write a model file: either all of it, or what was there before stays.

    It goes to a temporary file in the same folder, which is flushed to the disk and then renamed.

    Parameters
    ----------
    path
        Where to; a link is followed.
    header
        Plain data. The format's number is added to it.
    arrays
        float32 or float64, by name; a model's checkpoint has whole numbers, too.

    Raises
    ------
    ModelFileError
        If the file cannot be written, for example because the disk is full.
    """
    text = json.dumps({**_plain(header), "format": FORMAT})
    # The NumPy writer scrambles a transposed view without a word: only contiguous arrays are handed to it.
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    metadata = {KEY: text, DIGEST: _digest(text, whole)}
    try:
        replace_file(path, bytes_from_arrays(whole, metadata))
    except OutputError as error:
        raise ModelFileError(str(error)) from error


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the header and the arrays of a model file.

    Raises
    ------
    ModelFileError
        If it is missing, damaged, not one of Pellucid's, or of a newer format.
    """
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(8)
            length = int.from_bytes(start, "little")
            if len(start) < 8 or length > LONGEST_HEADER or file.read(1) != b"{":
                raise _not_a_model(path, "it does not begin like one")
            if length > size - 8:
                raise _not_a_model(path, "it is cut short")
            file.seek(8)
            head = file.read(length)
            text, digest = _metadata(path, head)
            header = _header(path, text)
            # Only now is the rest read: all of what came before says that it is a model.
            content = start + head + file.read()
    except OSError as error:
        raise ModelFileError(
            explain(
                expected=f"a model file at {path}",
                got=f"an error: {error.strerror or error}",
                do="check the path",
            )
        ) from error
    try:
        arrays = arrays_from_bytes(content)
    except (SafetensorError, *READING_ERRORS) as error:
        raise _damaged(path, str(error)) from error
    if _digest(text, arrays) != digest:
        raise _damaged(path, "its checksum differs")
    return header, arrays


def _metadata(path: Any, head: bytes) -> tuple[str, str]:
    try:
        metadata = json.loads(head)["__metadata__"]
        text, digest = metadata[KEY], metadata[DIGEST]
    except READING_ERRORS as error:
        raise _not_a_model(path, "it has no description of one") from error
    if not (isinstance(text, str) and isinstance(digest, str)):
        raise _not_a_model(path, "its description is no text")
    return text, digest


def _header(path: Any, text: str) -> dict[str, Any]:
    try:
        header = json.loads(text)
        number = header["format"]
        newer = not isinstance(number, bool) and isinstance(number, int) and number > FORMAT
    except READING_ERRORS as error:
        raise _damaged(path, "its description cannot be read") from error
    if newer:
        raise ModelFileError(
            explain(
                expected=f"a model file of format {FORMAT} or older",
                got=f"format {number} in {path}, written by Pellucid {str(header.get('version'))[:20]}",
                do="install a newer Pellucid",
            )
        )
    if not isinstance(header, dict) or type(number) is not int or number < OLDEST_FORMAT:
        raise _damaged(path, f"its format is {str(number)[:20]!r}")
    return header


def check_arrays(arrays: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise `ModelFileError` unless these are the arrays: by name and shape, of finite numbers."""
    if set(arrays) != set(shapes):
        odd = sorted(set(arrays) ^ set(shapes))
        raise ModelFileError(
            f"Expected arrays for all parts of the model and no others. Got a difference in {odd[:5]}."
        )
    for name, shape in shapes.items():
        array = arrays[name]
        if (
            array.shape != shape
            or array.dtype not in (np.float32, np.float64)
            or not np.isfinite(array).all()
        ):
            raise ModelFileError(
                f"Expected finite numbers of shape {shape} in {name}. Got {array.dtype} of shape {array.shape}."
            )


def network_to_data(network: Network) -> dict[str, Any]:
    """Return a network as plain data; `InputError` if a part of it cannot be stored."""
    return {
        "sizes": list(network.sizes),
        "activations": [to_data(layer.activation) for layer in network.layers],
        "dropouts": [layer.dropout for layer in network.layers],
        "initializers": [to_data(layer.initializer) for layer in network.layers],
        "loss": to_data(network.loss),
        "label_smoothing": network.label_smoothing,
        "l1": network.l1,
        "l2": network.l2,
        "l2_by_rows": network.l2_by_rows,
        "input_scale": network.input_scale,
        "parametric_activation": network.parametric_activation,
        "dropout_schedule": to_data(network.dropout_schedule),
    }


def network_from_data(data: Mapping[str, Any]) -> Network:
    """Return the network that `network_to_data` wrote."""
    *hidden, output = (from_data(a) for a in data["activations"])
    return Network(
        data["sizes"],
        activation=hidden,
        output_activation=output,
        loss=from_data(data["loss"]),
        dropout=data["dropouts"][:-1],
        initializer=[from_data(i) for i in data["initializers"]],
        label_smoothing=data["label_smoothing"],
        l1=data["l1"],
        l2=data["l2"],
        l2_by_rows=data.get("l2_by_rows", False),
        input_scale=data.get("input_scale", False),
        parametric_activation=data.get("parametric_activation", False),
        dropout_schedule=from_data(data.get("dropout_schedule", to_data(Constant()))),
    )


def _digest(text: str, arrays: Mapping[str, Array]) -> str:
    """Return a checksum of everything in the file, so that a changed bit is found."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
        digest.update(array.reshape(-1).data)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Return data with Python's numbers for NumPy's; JSON has no word for one that is not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _not_a_model(path: Any, why: str) -> ModelFileError:
    return ModelFileError(
        explain(
            expected="a model file of Pellucid",
            got=f"{path}, which is none: {why}",
            do="give a file that 'pellucid train' or an estimator's save wrote",
        )
    )


def _damaged(path: Any, why: str) -> ModelFileError:
    return ModelFileError(
        explain(
            expected="a whole model file",
            got=f"{path}, which is damaged: {why}",
            do="take a copy of it, or train the model again",
        )
    )
