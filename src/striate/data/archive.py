"""Archives read in place: members are checked one by one, and nothing is ever unpacked to disk.

Refused: paths that leave the archive, links, devices, encrypted members, and members that swell absurdly.
"""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self

from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES
from striate.data.store import Entry, Store, is_junk, shown
from striate.errors import DataError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MEMBER_BYTES = 1 << 32
RATIO = 250
RATIO_FROM_BYTES = 1 << 24
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


def is_archive(name: str) -> bool:
    """Tell an archive by its name.

    >>> is_archive("photos.TAR.gz"), is_archive("train-images-idx3-ubyte.gz")
    (True, False)
    """
    return name.lower().endswith(SUFFIXES)


def open_archive(path: Path) -> Store:
    """Open a zip or a tar (plain, gz, bz2, xz) by its content, whatever it is called.

    Raises: DataError where it is neither, damaged, or swells absurdly.
    """
    try:
        if zipfile.is_zipfile(path):
            return Zip(path)
        return Tar(path)
    except _BROKEN as error:
        reason = shown(str(error)) or type(error).__name__
        raise DataError(f"{path.name}: can't be read as an archive ({reason}); needed a whole zip or tar.") from error


class _Archive(Store):
    """What zip and tar share: which members are taken, and how one that can't be read is reported."""

    def __init__(self, path: Path) -> None:
        self.where, self._bytes, self._changed_ns = path.name, path.stat().st_size, path.stat().st_mtime_ns
        self._taken: dict[str, Entry] = {}
        self._aside: list[SetAside] = []

    def _take(self, name: str, size: int, key: object, refusal: str | None) -> None:
        """Take a member as an entry, or set it aside with the reason why not."""
        name = name.replace("\\", "/").removeprefix("./")
        refusal = _refuse_path(name) or refusal or ("too large" if size > MEMBER_BYTES else None)
        if is_junk(name):
            return
        if refusal or name in self._taken:
            self._aside.append(SetAside(shown(name), refusal or "a second member of this name"))
        else:
            self._taken[name] = Entry(name, size, self._changed_ns, key, len(self._taken))

    def open(self, entry: Entry) -> BinaryIO:
        """Read a member into memory and open that. Raises: OSError where it is damaged."""
        try:
            return BytesIO(self._extract(entry))
        except (*_BROKEN, NotImplementedError) as error:
            raise OSError(f"damaged in {self.where}: {shown(str(error)) or type(error).__name__}") from error

    def _extract(self, entry: Entry) -> bytes:
        raise NotImplementedError


class Zip(_Archive):
    """A zip's members."""

    def __init__(self, path: Path) -> None:
        """List the members. Raises: zipfile.BadZipFile."""
        super().__init__(path)
        self._zip = zipfile.ZipFile(path)
        for info in self._zip.infolist():
            if not info.is_dir():
                self._take(info.filename, info.file_size, info, _refuse_zipped(info))
        self.entries, self.set_aside = tuple(self._taken.values()), tuple(self._aside)

    def _extract(self, entry: Entry) -> bytes:
        with self._zip.open(entry.key) as stream:
            return stream.read()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


class _Member(tarfile.TarInfo):
    """A member whose archive remembers by what the listing ended."""

    @classmethod
    def fromtarfile(cls, tarfile: Any) -> Self:
        """Read the next header."""
        try:
            return super().fromtarfile(tarfile)
        except Exception as error:
            tarfile.ended_by = error
            raise


class Tar(_Archive):
    """A tar's members, in the order in which they are stored: a compressed tar can only be read forwards."""

    def __init__(self, path: Path) -> None:
        """List the members. Raises: tarfile.TarError, and what the decompressors raise."""
        super().__init__(path)
        with ExitStack() as on_failure:
            self._tar = on_failure.enter_context(tarfile.open(path, "r:*", tarinfo=_Member))
            self._list()
            self._check_end()
            on_failure.pop_all()
        self.entries, self.set_aside = tuple(self._taken.values()), tuple(self._aside)

    def _list(self) -> None:
        """Go through the members, and stop before one that swells past all measure is read over."""
        swollen = 0
        for member in self._tar:
            swollen += member.size
            if swollen > max(RATIO_FROM_BYTES, RATIO * self._bytes):
                raise ValueError(f"it swells to more than {RATIO} times its size")
            if not member.isdir():
                refusal = None if member.isreg() and not member.issparse() else "a link, device or sparse file"
                self._take(member.name, member.size, member, refusal)

    def _check_end(self) -> None:
        """Say so where the listing ended before the archive did: tarfile takes a damaged header for the end."""
        ended = getattr(self._tar, "ended_by", None)
        if type(ended).__name__ != "EOFHeaderError":  # what tarfile raises, and keeps to itself, at a proper end
            self._aside.append(SetAside(shown(self.where), f"cut off or damaged ({ended}): files may be missing"))
        elif self._tar.fileobj is not None and any(self._tar.fileobj.read(RATIO_FROM_BYTES)):
            self._aside.append(SetAside(shown(self.where), "goes on after its end: files may be missing"))

    def _extract(self, entry: Entry) -> bytes:
        stream = self._tar.extractfile(entry.key)
        content = stream.read() if stream else b""
        if len(content) != entry.bytes:
            raise EOFError(f"{len(content)} of {entry.bytes} bytes")
        return content

    def close(self) -> None:
        """Close the file."""
        self._tar.close()


class Parts(Store):
    """Several archives side by side as one; train.zip or test-2.zip stands for train/ or test/."""

    def __init__(self, where: str, paths: Sequence[Path]) -> None:
        """Open every part. Raises: DataError for a part that can't be read."""
        self.where = where
        self.parts: list[Store] = []
        with ExitStack() as on_failure:
            on_failure.callback(self.close)
            for path in paths:
                self.parts.append(open_archive(path))
            on_failure.pop_all()
        taken: dict[str, Entry] = {}
        aside = [each for part in self.parts for each in part.set_aside]
        for part in self.parts:
            prefix = _side_prefix(part)
            for entry in part.entries:
                name = prefix + entry.name
                if name in taken:
                    aside.append(SetAside(shown(name), f"a second file of this name, in {part.where}"))
                else:
                    taken[name] = replace(entry, name=name, key=(part, entry), place=len(taken))
        self.entries, self.set_aside = tuple(taken.values()), tuple(aside)

    def open(self, entry: Entry) -> BinaryIO:
        """Open a member of whichever part holds it."""
        part, original = entry.key
        stream: BinaryIO = part.open(original)
        return stream

    def close(self) -> None:
        """Close every part."""
        for part in self.parts:
            part.close()


def _side_prefix(part: Store) -> str:
    """Give the folder that a part is called after, if its members don't lie in such a folder already."""
    stem = part.where.lower().split(".")[0].rstrip("0123456789").rstrip("-_ ").removesuffix("part").rstrip("-_ ")
    tops = {entry.name.split("/")[0].lower() for entry in part.entries}
    return f"{stem}/" if stem in SIDE_NAMES and not tops & SIDE_NAMES.keys() else ""


def _refuse_path(name: str) -> str | None:
    if name.startswith("/") or ":" in name.split("/")[0]:
        return "an absolute path"
    return "a path that leaves the archive" if ".." in name.split("/") else None


def _refuse_zipped(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or device"
    if info.flag_bits & 1:
        return "encrypted"
    if info.file_size > max(RATIO_FROM_BYTES, RATIO * info.compress_size):
        return f"swells to more than {RATIO} times its size"
    return None
