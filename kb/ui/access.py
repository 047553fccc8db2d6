"""Who may use the app, and who may change its documents.

On 127.0.0.1 nobody signs in unless users are named; anywhere else they have to
be. They are named in the environment (KB_SERVER__USERS) or in a file
(KB_SERVER__USERS_FILE), one by one, as `kb password NAME` prints them:

    name:reader:scrypt.15.8.3.5f1c...:...      reads and asks
    name:librarian:scrypt.15.8.3.90aa...       may change the documents too

People sign in on Gradio's own page; programs send name and password with each
request (HTTP Basic). Both are then held by Gradio's own session cookie. The file
is read again when it has changed, so that a user who was removed is out at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import threading
import time
import unicodedata
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from kb.config import ServerConfig
from kb.errors import ConfigError, KBError
from kb.ui.guessing import Guesses
from kb.ui.journal import note

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request

Role = Literal["reader", "librarian"]
# Under these names the gate leaves role and name in the scope of each request.
ROLE, NAMED = "kb.role", "kb.name"
# Whence the request comes that is under way; Gradio's sign-in does not hand it on.
ADDRESS: ContextVar[str] = ContextVar("kb.address", default="")
TOO_MANY = "Too many wrong passwords; wait a minute before the next try."
NAME = re.compile(r"[^\s:,]{1,64}")
# scrypt's cost, block size and lanes: 32 MiB and a fraction of a second (OWASP Password Storage Cheat Sheet).
LOG_COST, BLOCK, LANES = 15, 8, 3
HASH = re.compile(r"scrypt\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.([0-9a-f]{32})\.([0-9a-f]{64})")
LEAST_CHARS = 12
MOST_MEMORY = 256 * 1024 * 1024


def hash_password(password: str) -> str:
    """Return a salted scrypt hash (RFC 7914) of a password, as text without colon, comma or dollar."""
    salt = secrets.token_bytes(16)
    cost = f"{LOG_COST}.{BLOCK}.{LANES}"
    return f"scrypt.{cost}.{salt.hex()}.{_scrypt(password, salt, LOG_COST, BLOCK, LANES).hex()}"


def user_line(name: str, role: Role, password: str) -> str:
    """Return the line that lets somebody sign in; ConfigError for a name or a password that will not do."""
    if len(password) < LEAST_CHARS:
        raise ConfigError(f"The password is shorter than {LEAST_CHARS} characters; take a longer one.")
    if not NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name to sign in with; take one without blank, colon or comma.")
    return f"{name}:{role}:{hash_password(password)}"


def matches(password: str, hashed: str) -> bool:
    """Tell whether a password has this hash; the time taken does not say how nearly."""
    found = HASH.fullmatch(hashed)
    if found is None:
        return False
    log_cost, block, lanes = (int(found[n]) for n in (1, 2, 3))
    made = _scrypt(password, bytes.fromhex(found[4]), log_cost, block, lanes)
    return hmac.compare_digest(made, bytes.fromhex(found[5]))


def _scrypt(password: str, salt: bytes, log_cost: int, block: int, lanes: int) -> bytes:
    # The same password typed on another keyboard may come as other characters.
    typed = unicodedata.normalize("NFKC", password).encode()
    return hashlib.scrypt(typed, salt=salt, n=2**log_cost, r=block, p=lanes, maxmem=MOST_MEMORY, dklen=32)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    hashed: str

    @classmethod
    def of(cls, line: str, where: str) -> User:
        """Read "name:role:hash"; ConfigError that says where the line stands, and none of the line."""
        name, _, rest = line.strip().partition(":")
        role, _, hashed = rest.partition(":")
        if not NAME.fullmatch(name) or role not in get_args(Role) or not _usable(hashed):
            raise ConfigError(
                f"{where} is no name:role:hash with the role reader or librarian; "
                "write what `kb password NAME` prints."
            )
        return cls(name, cast("Role", role), hashed)


def _usable(hashed: str) -> bool:
    found = HASH.fullmatch(hashed)
    if found is None:
        return False
    log_cost, block, lanes = (int(found[n]) for n in (1, 2, 3))
    return 14 <= log_cost <= 20 and lanes > 0 < 128 * block * (2**log_cost + lanes + 2) < MOST_MEMORY


class TooManyGuesses(KBError):
    """A password is not even looked at, as too many were wrong."""


class Access:
    """The users as they are now; none where nobody has to sign in. Safe to share between threads."""

    def __init__(self, server: ServerConfig | None = None) -> None:
        self._server = server or ServerConfig()
        self._stamp = self._written()
        self._users = _named(_lines(self._server))
        self.signs_in = bool(self._users)
        self._reading = threading.Lock()
        self._guesses = Guesses()
        # One hash at a time, for its memory; whoever has signed in here before waits for no stranger.
        self._lanes = {"known": asyncio.Lock(), "new": asyncio.Lock()}
        self._lasts: float | None = None

    @property
    def users(self) -> Mapping[str, User]:
        """The users by name; a file that cannot be read leaves them as they were, and the journal says so."""
        if self._written() != self._stamp:
            with self._reading:
                if (stamp := self._written()) != self._stamp:
                    self._read_again()
                    self._stamp = stamp
        return self._users

    def verify(self, name: str, password: str) -> bool:
        """Tell whether it is a user's password; as slow for a name that there is not."""
        user, began = self.users.get(name), time.perf_counter()
        right = matches(password, user.hashed if user else UNKNOWN)
        self._lasts = time.perf_counter() - began
        return right and user is not None

    async def sign_in(self, name: str, password: str) -> bool:
        """Verify beside the event loop, which others wait on; TooManyGuesses where too many were wrong."""
        address = ADDRESS.get()
        judged = self._guesses.begin(name, address)
        if judged == "too many":
            self._note("too many", name, address)
            raise TooManyGuesses(TOO_MANY)
        if name not in self.users and self._lasts is not None:
            # As long as for a name that there is, and nobody waits for it.
            await asyncio.sleep(self._lasts)
            right = False
        else:
            async with self._lanes[judged]:
                right = await asyncio.to_thread(self.verify, name, password)
        if right:
            self._guesses.right(name, address)
        self._note("ok" if right else "refused", name, address)
        return right

    def role(self, name: str | None) -> Role | None:
        """Return what a user may do, None for a name that there is not; where nobody signs in, everything."""
        if not self.signs_in:
            return "librarian"  # Nobody but this computer is served then.
        user = self.users.get(name or "")
        return user.role if user else None

    def _note(self, status: str, name: str, address: str) -> None:
        if status == "ok" or self._guesses.noted(address):
            # What is no name may be a password that was typed into the wrong box.
            user = name if NAME.fullmatch(name) else ""
            note("sign-in", status=status, user=user, address=address)

    def _written(self) -> tuple[int, ...]:
        """Return what changes when the file of users does."""
        try:
            found = self._server.users_file.stat() if self._server.users_file else None
        except OSError:
            return ()
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else ()

    def _read_again(self) -> None:
        try:
            self._users = _named(_lines(self._server))
        except ConfigError as error:
            note("users", status="error", error=str(error))
        else:
            note("users", status="done", users=len(self._users))


def may_change(request: gr.Request | Request) -> bool:
    """Tell whether whoever sent a request may change the documents; no for one that passed no gate."""
    sent = getattr(request, "request", request)  # Gradio's holds the server's own.
    return sent is not None and sent.scope.get(ROLE) == "librarian"


def person(request: gr.Request | Request) -> dict[str, str]:
    """Return who sent a request, as the journal has it: by name where people sign in, and by address."""
    sent = getattr(request, "request", request)
    if sent is None:
        return {}
    who = {"user": sent.scope.get(NAMED), "address": sent.client.host if sent.client else ""}
    return {key: str(value) for key, value in who.items() if value}


# The hash of nothing anybody knows.
UNKNOWN = f"scrypt.{LOG_COST}.{BLOCK}.{LANES}.{'0' * 32}.{'0' * 64}"


def open_access(server: ServerConfig) -> Access:
    """Return who may sign in; ConfigError for a wrong line, or where somebody has to and nobody is named."""
    access = Access(server)
    if not access.signs_in and server.users_file is not None:
        raise ConfigError(f"The file of users {server.users_file} names nobody; see `kb password NAME`.")
    if not access.signs_in and not server.is_local:
        raise ConfigError(
            f"The app would be open to the network on {server.host} without sign-in; name users in "
            "KB_SERVER__USERS_FILE (made by `kb password NAME`), or keep to 127.0.0.1."
        )
    return access


def note_exposed(server: ServerConfig) -> None:
    """Write to the journal if others than its owner may read the file of users."""
    file = server.users_file
    if file and file.stat().st_mode & 0o077:
        note("users", status="exposed", error=f"Others may read {file}; close it with: chmod 600 {file}")


def _named(lines: Sequence[tuple[str, str]]) -> dict[str, User]:
    """Return the users that lines name; ConfigError for a wrong line."""
    users = [User.of(line, where) for where, line in lines]
    named = {user.name: user for user in users}
    if len(named) < len(users):
        raise ConfigError("A user is named twice in the users of the server; keep one line for each name.")
    return named


def _lines(server: ServerConfig) -> list[tuple[str, str]]:
    """Return each user's line, with words for where it stands."""
    given = [line for line in server.users.get_secret_value().split(",") if line.strip()]
    found = [(f"User {n} of KB_SERVER__USERS", line) for n, line in enumerate(given, 1)]
    if server.users_file is None:
        return found
    try:
        lines = server.users_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The file of users {server.users_file} cannot be read ({type(error).__name__}); "
            "mend KB_SERVER__USERS_FILE."
        ) from error
    kept = ((n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#"))
    return found + [(f"{server.users_file}, line {n},", line) for n, line in kept]
