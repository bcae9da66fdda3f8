from __future__ import annotations

import signal
import threading

import pytest

from striate.train.interrupt import Interruption, interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_a_wish_and_the_second_does_not_wait(number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

    seen: list[bool] = []

    def press(wish: Interruption) -> None:
        seen.append(wish.is_wished)
        signal.raise_signal(number)
        seen.append(wish.is_wished)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible() as wish:
        press(wish)
    assert seen == [False, True]
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as wish:
            signal.raise_signal(signal.SIGINT)
            assert not wish.is_wished
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_nothing_changes() -> None:
    seen: list[object] = []

    def work() -> None:
        with interruptible() as wish:
            seen.extend([wish.is_wished, signal.getsignal(signal.SIGINT)])

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False, before]
