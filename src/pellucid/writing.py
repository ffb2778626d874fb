"""Files are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from pellucid.errors import OutputError, explain


def known_suffix(path: str | os.PathLike[str], suffixes: Iterable[str]) -> str:
    """Return the longest of the suffixes that a file name ends with, or an empty text.

    >>> known_suffix("net.torch.py", [".py", ".torch.py"]), known_suffix("net.PY", [".py"])
    ('.torch.py', '.py')
    """
    name = Path(path).name.lower()
    return max((s for s in suffixes if name.endswith(s.lower())), key=len, default="")


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Put `content` in place of a file, or leave the file as it was and raise `OutputError`.

    The content goes to a temporary file in the same folder, which is flushed to the disk and then
    renamed; a link is followed.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OutputError(
            explain(
                expected=f"a file name to write {path}",
                got="a folder" if target.is_dir() else "a device",
                do="choose another name",
            )
        )
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise OutputError(
            explain(
                expected=f"to write {path} ({len(content):,} bytes)",
                got="a disk that is full" if full else f"an error: {error.strerror or error}",
                do=f"{'make room there' if full else 'check the folder'}, or choose another place. "
                "Nothing was changed",
            )
        ) from error
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Flush the folder's entry, so that the new name outlives a power cut; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
