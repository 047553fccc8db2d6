"""Guesses at passwords: how many, and whom they keep out."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from kb.config import ServerConfig
from kb.ui.access import ADDRESS, Access, TooManyGuesses, user_line
from kb.ui.guessing import BY_ADDRESS, BY_NAME, NAME_SECONDS, Guesses
from kb.ui.sessions import Sessions

PASSWORD = "correct horse battery"
HERE, THERE, LOCAL = "192.0.2.1", "198.51.100.7", "127.0.0.1"


class Clock:
    """A clock that goes on when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tries(guesses: Guesses, name: str, address: str, count: int) -> list[str]:
    return [guesses.begin(name, address) for _ in range(count)]


def test_a_name_may_be_guessed_at_some_times_and_then_once_a_minute(clock: Clock) -> None:
    guesses = Guesses(clock)

    assert tries(guesses, "ann", LOCAL, BY_NAME + 2) == ["new"] * BY_NAME + ["too many"] * 2
    clock.now += NAME_SECONDS
    assert tries(guesses, "ann", LOCAL, 2) == ["new", "too many"]
    assert guesses.begin("bo", LOCAL) == "new"


def test_an_address_may_guess_some_times_at_all_names_together(clock: Clock) -> None:
    guesses = Guesses(clock)

    judged = [guesses.begin(f"user{n}", THERE) for n in range(BY_ADDRESS + 1)]

    assert judged == ["new"] * BY_ADDRESS + ["too many"]
    assert guesses.begin("user0", HERE) == "new"


def test_whoever_has_signed_in_here_before_is_not_kept_out_by_a_guesser_elsewhere(clock: Clock) -> None:
    guesses = Guesses(clock)
    guesses.begin("ann", HERE)
    guesses.right("ann", HERE)

    tries(guesses, "ann", THERE, 100)
    tries(guesses, "nobody", HERE, 100)

    assert guesses.begin("ann", THERE) == "too many"
    assert guesses.begin("ann", HERE) == "known"
    assert guesses.begin("bo", HERE) == "too many"  # as new here as a guesser


def test_a_right_password_forgives_the_wrong_ones_before(clock: Clock) -> None:
    guesses = Guesses(clock)
    for _ in range(20):
        tries(guesses, "ann", HERE, BY_NAME - 1)
        assert guesses.begin("ann", HERE) != "too many"
        guesses.right("ann", HERE)


# With real passwords


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    file.write_text(f"{user_line('ann', 'reader', PASSWORD)}\n{user_line('bo', 'librarian', PASSWORD)}\n")
    return file


async def attempt(access: Access, name: str, password: str, address: str) -> bool | str:
    ADDRESS.set(address)
    try:
        return await access.sign_in(name, password)
    except TooManyGuesses as error:
        return str(error)


def test_the_right_password_does_not_queue_behind_wrong_ones(users: Path) -> None:
    access = Access(ServerConfig(users_file=users))

    async def under_attack() -> tuple[list[bool | str], bool | str, float, float]:
        began = time.perf_counter()
        await attempt(access, "nobody", "wrong", LOCAL)
        one = time.perf_counter() - began
        wrong = [attempt(access, name, "wrong", LOCAL) for n in range(150) for name in ("ann", f"no{n}")]
        guesses = asyncio.gather(*(asyncio.create_task(guess) for guess in wrong))
        await asyncio.sleep(0)
        began = time.perf_counter()
        right = await asyncio.create_task(attempt(access, "bo", PASSWORD, LOCAL))
        took = time.perf_counter() - began
        return await guesses, right, took, one

    guessed, right, took, one = asyncio.run(under_attack())

    assert right is True
    assert True not in guessed
    assert len([said for said in guessed if said is False]) == BY_NAME + 150
    # Of 300 guesses BY_NAME are hashed before it; as many again for a slow machine.
    assert took < 3 * BY_NAME * one + 5


# Sessions


def test_a_session_ends_after_its_time(users: Path, clock: Clock) -> None:
    sessions = Sessions(Access(ServerConfig(users_file=users)), 60, clock)
    sessions["token"] = "ann"

    clock.now = 59
    assert (sessions.get("token"), [*sessions]) == ("ann", ["token"])
    clock.now = 60
    assert (sessions.get("token"), [*sessions], len(sessions)) == (None, [], 0)


def test_a_session_ends_when_its_user_is_removed_or_has_another_password(users: Path, clock: Clock) -> None:
    access = Access(ServerConfig(users_file=users))
    sessions = Sessions(access, 60, clock)
    sessions["a"], sessions["b"] = "ann", "bo"

    bo = users.read_text().splitlines()[1]
    users.write_text(f"{user_line('ann', 'reader', PASSWORD + '2')}\n{bo}\n")
    assert dict(sessions) == {"b": "bo"}
    assert access.verify("ann", PASSWORD + "2")

    users.write_text(f"{user_line('ann', 'reader', PASSWORD + '3')}\n# bo has left us\n")
    assert dict(sessions) == {}
    assert access.role("bo") is None

    users.write_text("")
    assert (access.role("ann"), access.role(None)) == (None, None)


def test_a_file_of_users_that_cannot_be_read_changes_nothing(users: Path) -> None:
    access = Access(ServerConfig(users_file=users))

    users.write_text("ann:reader:half a line")
    assert access.role("bo") == "librarian"
    users.unlink()
    assert access.role("bo") == "librarian"
