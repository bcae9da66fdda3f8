"""Several ranks for tests: as threads of one process (quick, no network), or as forks of it (the real thing)."""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

from striate.launch import Launch
from striate.train.ranks import Ranks

_Result = TypeVar("_Result")


class Thread(Ranks):
    """A rank that is a thread; exchanges go through a list that all of them share."""

    def __init__(self, launch: Launch, barrier: threading.Barrier, board: list[list[Tensor]]) -> None:
        super().__init__(launch)
        self.barrier, self.board = barrier, board

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        self.board[self.rank] = [value.clone() for value in tensors]
        self.barrier.wait(30)
        with torch.no_grad():
            for value, parts in zip(tensors, zip(*self.board, strict=True), strict=True):
                value.copy_(torch.stack(parts).sum(0))
        self.barrier.wait(30)

    def add_up_gradients(self, parameters: Iterable[Tensor], beside: Sequence[Tensor] = ()) -> None:
        self.add_up([*(value.grad for value in parameters if value.grad is not None), *beside])


def run_threads(work: Callable[[Ranks], _Result], count: int) -> list[_Result]:
    """What `work` gives for each rank, all at the same time."""
    barrier, board = threading.Barrier(count), [list[Tensor]() for _ in range(count)]

    def sit(rank: int) -> _Result:
        try:
            return work(Thread(Launch(rank, count, rank, count), barrier, board))
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(sit, range(count)))


@contextmanager
def environment(rank: int, count: int, port: int) -> Iterator[None]:
    """A `with` under which the environment is the one that torchrun gives a rank."""
    said = {"RANK": rank, "WORLD_SIZE": count, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": count, "MASTER_PORT": port}
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in said.items()}, MASTER_ADDR="127.0.0.1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def fork_ranks(work: Callable[[int], None], count: int) -> list[int]:
    """Start `work(rank)` in a fork of this process for each rank; their process numbers."""
    port, children = find_port(), []
    sys.stdout.flush()
    sys.stderr.flush()
    for rank in range(count):
        child = os.fork()
        if not child:
            code = 1
            try:
                with environment(rank, count, port):
                    work(rank)
                code = 0
            except SystemExit as leave:
                code = int(leave.code or 0)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        children.append(child)
    return children


def wait_for(children: Sequence[int]) -> list[int]:
    """Each one's exit code; a signal's number below zero."""
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def find_port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
