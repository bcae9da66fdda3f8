"""Two hosts, each a network namespace of its own with a cable between them: the same weights as on one."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.train.test_ranks import RECIPE, make_net
from tests.train.together import fork_ranks, wait_for
from tests.train.whole import Arrays

from striate.engine import Engine
from striate.errors import LostError
from striate.train import RunFolder, fit
from striate.train.group import find_interface

ADDRESSES = ("10.213.77.1", "10.213.77.2")
CLONE_NEWNET = 0x40000000  # unshare(2)


def call(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True, timeout=20)


def enter(host: str) -> None:
    """Move this process into a namespace, as `ip netns exec` does."""
    with open(f"/run/netns/{host}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), host)


@pytest.fixture
def hosts() -> Iterator[tuple[str, str]]:
    if sys.platform != "linux" or os.geteuid() or not shutil.which("ip"):
        pytest.skip("network namespaces need Linux, root and iproute2")
    names = (f"striate{os.getpid()}a", f"striate{os.getpid()}b")
    made = []
    try:
        for name in names:
            call(f"ip netns add {name}")
            made.append(name)
        call(f"ip link add sa{os.getpid()} netns {names[0]} type veth peer name sb{os.getpid()} netns {names[1]}")
        for name, side, address in zip(names, "ab", ADDRESSES, strict=True):
            call(f"ip -n {name} addr add {address}/24 dev s{side}{os.getpid()}")
            call(f"ip -n {name} link set s{side}{os.getpid()} up")
            call(f"ip -n {name} link set lo up")
        yield names
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"this machine makes no network namespaces: {error}")
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def settle(hosts: tuple[str, str], rank: int) -> None:
    """Make this process the only rank of its host, as torchrun with --nnodes 2 does."""
    enter(hosts[rank])
    os.environ.update(MASTER_ADDR=ADDRESSES[0], LOCAL_RANK="0", LOCAL_WORLD_SIZE="1")


def test_two_hosts_train_as_one_process(digits: Arrays, tmp_path: Path, hosts: tuple[str, str]) -> None:
    path = RunFolder.create(tmp_path / "run").path
    alone = make_net()
    part = (digits[0][161:202], digits[1][161:202])
    fit(alone, digits[0][:161], digits[1][:161], RECIPE, Engine(), validate=part)

    def work(rank: int) -> None:
        settle(hosts, rank)
        where = RunFolder("/nowhere/at/all" if rank else path)
        fit(make_net(), digits[0][:161], digits[1][:161], RECIPE, Engine(), validate=part, folder=where)

    assert wait_for(fork_ranks(work, 2)) == [0, 0]
    found = RunFolder(path).read_weights()
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(found[name], value, rtol=1e-5, atol=1e-5)


def test_a_host_that_dies_ends_the_run(digits: Arrays, hosts: tuple[str, str]) -> None:
    def work(rank: int) -> None:
        settle(hosts, rank)
        if rank == 1:
            signal.signal(signal.SIGALRM, lambda number, frame: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, 2)
        with pytest.raises(LostError, match="another rank was killed or is out of reach"):
            fit(make_net(), digits[0][:161], digits[1][:161], replace(RECIPE, epochs=100_000), Engine())

    assert wait_for(fork_ranks(work, 2)) == [0, -signal.SIGKILL]


def test_gloo_is_told_the_network_of_the_meeting_point(hosts: tuple[str, str]) -> None:
    def work(rank: int) -> None:
        settle(hosts, rank)
        assert find_interface(ADDRESSES[1 - rank]) == f"s{'ab'[rank]}{parent}"
        assert find_interface("127.0.0.1") == "lo"
        assert find_interface("no such host") is None

    parent = os.getpid()
    assert wait_for(fork_ranks(work, 2)) == [0, 0]
