"""Who may use the app, and who may change its documents.

On 127.0.0.1 nobody signs in unless users are named; anywhere else they have to
be. They are named in the environment (KB_SERVER__USERS) or in a file
(KB_SERVER__USERS_FILE), one by one, as `kb password NAME` prints them:

    name:reader:scrypt.15.8.3.5f1c...:...      reads and asks
    name:librarian:scrypt.15.8.3.90aa...       may change the documents too

People sign in on Gradio's own page; programs send name and password with each
request (HTTP Basic). Both are then held by Gradio's own session cookie.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast, get_args

from kb.config import ServerConfig
from kb.errors import ConfigError
from kb.ui.journal import note

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request

Role = Literal["reader", "librarian"]
# Under this name the gate leaves the role in the scope of each request.
ROLE = "kb.role"
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


@dataclass(frozen=True)
class Access:
    """The users of the app, by name; none where nobody has to sign in. Safe to share between threads."""

    users: Mapping[str, User] = field(default_factory=dict)
    # One hash at a time: whoever guesses passwords neither fills the memory nor gets on quickly.
    _one: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def verify(self, name: str, password: str) -> bool:
        """Tell whether it is a user's password; as slow for a name that there is not."""
        user = self.users.get(name)
        with self._one:
            right = matches(password, user.hashed if user else UNKNOWN)
        note("sign-in", status="ok" if right and user else "refused")
        return right and user is not None

    async def sign_in(self, name: str, password: str) -> bool:
        """Verify beside the event loop, which others wait on; what Gradio's `auth` takes."""
        return await asyncio.to_thread(self.verify, name, password)

    def role(self, name: str | None) -> Role | None:
        """Return what a user may do, None for a name that there is not; where nobody signs in, everything."""
        if not self.users:
            return "librarian"  # Nobody but this computer is served then.
        user = self.users.get(name or "")
        return user.role if user else None


def may_change(request: gr.Request | Request) -> bool:
    """Tell whether whoever sent a request may change the documents; no for one that passed no gate."""
    sent = getattr(request, "request", request)  # Gradio's holds the server's own.
    return sent is not None and sent.scope.get(ROLE) == "librarian"


# The hash of nothing anybody knows.
UNKNOWN = f"scrypt.{LOG_COST}.{BLOCK}.{LANES}.{'0' * 32}.{'0' * 64}"


def open_access(server: ServerConfig) -> Access:
    """Return who may sign in; ConfigError for a wrong line, or where somebody has to and nobody is named."""
    users = [User.of(line, where) for where, line in _lines(server)]
    if not users and not server.is_local:
        raise ConfigError(
            f"The app would be open to the network on {server.host} without sign-in; name users in "
            "KB_SERVER__USERS_FILE (made by `kb password NAME`), or keep to 127.0.0.1."
        )
    named = {user.name: user for user in users}
    if len(named) < len(users):
        raise ConfigError("A user is named twice in the users of the server; keep one line for each name.")
    return Access(named)


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
    found += [(f"{server.users_file}, line {n},", line) for n, line in kept]
    if not found:
        raise ConfigError(f"The file of users {server.users_file} names nobody; see `kb password NAME`.")
    return found
