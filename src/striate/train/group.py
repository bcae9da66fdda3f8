"""Several ranks: what they tell each other, by torch.distributed (gloo between processors, nccl between GPUs).

Every exchange is a sum or a broadcast, so all ranks hold the same bits afterwards. What concerns the host alone (who
wishes to stop, which gradients there are) goes by gloo also where the tensors go by nccl, so that no GPU is waited for,
and a rank that was killed is noticed at once by its closed connection.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from striate.errors import InputError, LostError
from striate.launch import Launch
from striate.train.ranks import Ranks

ARRIVAL = timedelta(minutes=10)  # until all ranks have come together
PATIENCE = timedelta(days=1)  # for what one rank does while the others wait: decoding, probing
PROMPT = timedelta(minutes=5)  # between two exchanges of a training; longer means that a rank hangs
FAREWELL_SECONDS = 3.0
BUCKET_BYTES = 2**25
_SIOCGIFADDR = 0x8915  # ioctl(2): the address of an interface, netdevice(7)
_Plain = TypeVar("_Plain")


class Group(Ranks):
    """One of several ranks."""

    def __init__(self, launch: Launch, store: Any, device: Any, prompt: Any, patient: Any) -> None:
        """`device`: the process group for tensors on a GPU; `prompt` and `patient`: for those on the host."""
        super().__init__(launch)
        self._store, self._device, self._prompt, self._patient = store, device, prompt, patient
        self._now = time.monotonic()

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Put the sum over all ranks in each tensor's place; in a few flat buckets, all under way at once."""
        with _as_lost():
            under_way = []
            for bucket in fill_buckets(tensors):
                flat = torch.cat([value.detach().reshape(-1) for value in bucket])
                under_way.append((bucket, flat, dist.all_reduce(flat, group=self._group(flat), async_op=True)))
            for bucket, flat, work in under_way:
                work.wait()
                parts = torch.split(flat, [value.numel() for value in bucket])
                for value, part in zip(bucket, parts, strict=True):
                    value.detach().copy_(part.view(value.shape))

    def add_up_gradients(self, parameters: Iterable[Tensor], beside: Sequence[Tensor] = ()) -> None:
        """As `Ranks` says."""
        trained = [value for value in parameters if value.requires_grad]
        missing = [value.grad is None for value in trained]
        for value, is_missing in zip(trained, missing, strict=True):
            value.grad = torch.zeros_like(value) if is_missing else value.grad
        gradients = [value.grad for value in trained if value.grad is not None]
        holders = torch.tensor([not each for each in missing], dtype=torch.float32, device=_find_device(trained))
        self.add_up([*gradients, *beside, holders])
        if any(missing):  # only then is a GPU waited for
            for value, number in zip(trained, holders.tolist(), strict=True):
                value.grad = value.grad if number else None

    def gather(self, rows: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        """As `Ranks` says."""
        whole = np.zeros((length, *rows.shape[1:]), rows.dtype)
        whole[self.take(length)] = rows
        with _as_lost():
            dist.all_reduce(torch.from_numpy(whole), group=self._prompt)
        return whole

    def spread(self, tensors: Iterable[Tensor]) -> None:
        """As `Ranks` says."""
        with _as_lost():
            for value in tensors:
                flat = value.detach().contiguous()  # a copy where the layout is another
                dist.broadcast(flat, src=0, group=self._group(flat))
                if flat.data_ptr() != value.data_ptr():
                    value.detach().copy_(flat)

    def tell(self, value: _Plain) -> _Plain:
        """As `Ranks` says."""
        letters = np.frombuffer(json.dumps(value).encode(), np.uint8).copy() if self.is_first else np.empty(0, np.uint8)
        length = torch.tensor([len(letters)])
        with _as_lost():
            dist.broadcast(length, src=0, group=self._patient)
            text = torch.from_numpy(letters) if self.is_first else torch.empty(int(length), dtype=torch.uint8)
            dist.broadcast(text, src=0, group=self._patient)
        told: _Plain = json.loads(text.numpy().tobytes())
        return told

    def beat(self, wish: bool = False) -> bool:
        """As `Ranks` says."""
        said = torch.tensor([float(wish), time.monotonic() if self.is_first else 0.0], dtype=torch.float64)
        with _as_lost():
            dist.all_reduce(said, group=self._prompt)
        wishes, self._now = said.tolist()
        return bool(wishes)

    def claim(self) -> bool:
        """As `Ranks` says; where that can't be asked any more, better twice than never."""
        try:
            return int(self._store.add("striate/word", 1)) == 1
        except RuntimeError:
            return True

    def take_leave(self) -> None:
        """As `Ranks` says: the store that answers lives in rank 0, or in a launcher that ends soon after it."""
        end = time.monotonic() + FAREWELL_SECONDS
        with suppress(RuntimeError):
            while self.is_first and self._store.add("striate/word", 0) < self.count and time.monotonic() < end:
                time.sleep(0.05)

    def now(self) -> float:
        """As `Ranks` says."""
        return self._now

    def hang_up(self) -> None:
        """Close the connections, so that the others notice; the store stays for their question who speaks."""
        for group in (self._prompt, self._patient):
            dist.destroy_process_group(group)
        self._device = self._prompt = self._patient = None

    def _group(self, tensor: Tensor) -> Any:
        return self._prompt if tensor.device.type == "cpu" else self._device


def fill_buckets(tensors: Sequence[Tensor], size: int = BUCKET_BYTES) -> Iterator[list[Tensor]]:
    """The tensors in groups of one type and device, each of about `size` bytes at the most, or of one tensor.

    >>> [len(bucket) for bucket in fill_buckets([torch.zeros(2), torch.zeros(3), torch.zeros(1)], size=20)]
    [2, 1]
    """
    open_buckets: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
    for value in tensors:
        kind = (value.dtype, value.device)
        bucket = open_buckets.setdefault(kind, [])
        if bucket and sum(each.nbytes for each in bucket) + value.nbytes > size:
            yield bucket
            bucket = open_buckets[kind] = []
        bucket.append(value)
    yield from open_buckets.values()


def _find_device(tensors: Sequence[Tensor]) -> torch.device:
    return tensors[0].device if tensors else torch.device("cpu")


@contextmanager
def opened(launch: Launch) -> Iterator[Group]:
    """A `with` under which the ranks are connected, each with its share of the processor's threads.

    Raises:
        InputError: where the launcher didn't say where to meet, or not all come.
    """
    threads = torch.get_num_threads()
    with _interface_named():
        group = _connect(launch)
    torch.set_num_threads(max(1, min(threads, (os.cpu_count() or 1) // launch.local_count)))
    try:
        yield group
    finally:
        torch.set_num_threads(threads)
        # After an error another rank may be gone, and taking leave of it would take as long as missing it.
        if sys.exception() is None:
            dist.destroy_process_group()
        else:
            group.hang_up()


def _connect(launch: Launch) -> Group:
    try:
        store, _, _ = next(rendezvous("env://", launch.rank, launch.count, timeout=ARRIVAL))
        dist.init_process_group("gloo", store=store, rank=launch.rank, world_size=launch.count, timeout=PATIENCE)
        prompt, patient = (dist.new_group(backend="gloo", timeout=timeout) for timeout in (PROMPT, PATIENCE))
        device = prompt
        if torch.cuda.is_available():
            torch.cuda.set_device(launch.local_rank % torch.cuda.device_count())
            if launch.local_count <= torch.cuda.device_count():
                device = dist.new_group(backend="nccl", timeout=PROMPT)
    except (RuntimeError, ValueError) as error:
        first = str(error).splitlines()[0]
        where = f"{os.environ.get('MASTER_ADDR', '?')}:{os.environ.get('MASTER_PORT', '?')}"
        raise InputError(
            f"rank {launch.rank} of {launch.count}: could not meet the others at {where} ({first}). Start all of them "
            "by torchrun, each able to reach that address"
        ) from error
    return Group(launch, store, device, prompt, patient)


@contextmanager
def _as_lost() -> Iterator[None]:
    """A `with` that turns a broken connection, or one on which nothing comes, into one clear error."""
    try:
        yield
    except RuntimeError as error:
        reason = re.sub(r"^\[[^]]*\] *", "", str(error).splitlines()[0]).split(". ")[0]
        raise LostError(f"another rank was killed or is out of reach, so this one stops ({reason}).") from error


@contextmanager
def _interface_named() -> Iterator[None]:
    """A `with` that tells gloo the network by which the meeting point is reached, where the user hasn't.

    Left alone, gloo takes the address that the host's own name has, which on many machines is a loopback one.
    """
    found = None if "GLOO_SOCKET_IFNAME" in os.environ else find_interface(os.environ.get("MASTER_ADDR", ""))
    if found is None:
        yield
        return
    os.environ["GLOO_SOCKET_IFNAME"] = found
    try:
        yield
    finally:
        del os.environ["GLOO_SOCKET_IFNAME"]


def find_interface(address: str) -> str | None:
    """The interface whose address a packet to `address` would bear; None where this system doesn't tell."""
    if not sys.platform.startswith("linux"):
        return None
    import fcntl

    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))  # sends nothing
        own = socket.inet_aton(probe.getsockname()[0])
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, name.encode().ljust(256, b"\0"))
                if answer[20:24] == own:
                    return name
    return None
