from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from striate.studio.token import Keys


def test_the_token_works_once() -> None:
    keys = Keys(8000)
    query = keys.launch_query()
    assert keys.spend(query)
    assert not keys.spend(query)
    assert not keys.spend(keys.launch_query())


def test_of_many_who_come_at_once_one_gets_in() -> None:
    keys = Keys(8000)
    query = keys.launch_query()
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(keys.spend, [query] * 64)) == 1


def test_a_new_token_kills_the_old_one() -> None:
    keys = Keys(8000)
    old = keys.launch_query()
    keys.renew()
    assert keys.launch_query() != old
    assert not keys.spend(old)
    assert keys.spend(keys.launch_query())


@pytest.mark.parametrize(
    "spoil", [b"", b"token=", b"token=%s&a=1", b"a=1&token=%s", b"TOKEN=%s", b"token=%s ", b"token=%sA"]
)
def test_only_the_whole_query_counts(spoil: bytes) -> None:
    keys = Keys(8000)
    token = keys.launch_query().removeprefix(b"token=")
    assert not keys.spend(spoil.replace(b"%s", token))
    assert keys.spend(b"token=" + token)


def test_the_cookie_is_another_secret_and_out_of_a_scripts_reach() -> None:
    keys = Keys(8765)
    cookie = keys.write_cookie().decode()
    pair, *rules = cookie.split("; ")
    assert pair.startswith("striate-8765=")
    assert set(rules) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert pair.partition("=")[2].encode() not in keys.launch_query()


def test_the_cookie_counts_once_under_its_own_name() -> None:
    keys = Keys(8765)
    pair = keys.write_cookie().split(b";")[0]
    secret = pair.partition(b"=")[2]
    assert keys.holds([pair])
    assert keys.holds([b"a=b;  " + pair + b" ; c"])
    assert keys.holds([b"a=b", pair])
    for wrong in ([], [b""], [b"striate-8765="], [b"striate-8766=" + secret], [b"striate-8765=x", pair], [pair, pair]):
        assert not keys.holds(wrong)
    assert not keys.holds([pair + b"x"])
    assert not Keys(8765).holds([pair])


def test_no_secret_is_left_in_a_log() -> None:
    keys = Keys(8000)
    old, cookie = keys.launch_query().decode(), keys.write_cookie().decode()
    keys.renew()
    text = keys.redact(f"/{old}/{keys.launch_query().decode()}/{cookie}")
    for secret in (old, keys.launch_query().decode(), cookie.split(";")[0]):
        assert secret.partition("=")[2] not in text
