"""What makes one broker different from another, as Broker and Simulation take it, and as the core does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from simbroker import _core
from simbroker.errors import ConfigurationError

_MOST_SEED = 2**64 - 1


def profiles() -> list[str]:
    """The names Broker(profile=...) takes."""
    return _core.profiles()


def users_of(users: Mapping[str, str] | None) -> dict[str, str]:
    users = {"guest": "guest"} if users is None else dict(users)
    if not users:
        raise ConfigurationError("no users: nobody could connect; expected name to password, such as {'guest': 'guest'}")
    return users


def vhosts_of(vhosts: Sequence[str]) -> list[str]:
    if isinstance(vhosts, str) or not vhosts:
        raise ConfigurationError(f"vhosts is {vhosts!r}; expected a list of names, such as ['/', 'orders']")
    return list(vhosts)


def configuration(
    *,
    profile: str,
    users: Mapping[str, str],
    vhosts: Sequence[str],
    plugins: Sequence[str] | None,
    auth_mechanisms: Sequence[str] | None,
    certificate_login: str,
    observe_messages: bool,
    config: Mapping[str, object] | None,
) -> str:
    """The core's configuration, as JSON."""
    if profile not in profiles():
        raise ConfigurationError(f"unknown profile {profile!r}; expected one of {', '.join(profiles())}")
    return json.dumps(
        {
            "profile": profile,
            "vhosts": list(vhosts),
            "accounts": [{"name": name, "password": word, "vhosts": list(vhosts)} for name, word in users.items()],
            "plugins": None if plugins is None else list(plugins),
            "auth_mechanisms": None if auth_mechanisms is None else list(auth_mechanisms),
            "certificate_login": certificate_login,
            "observe_messages": observe_messages,
            **(config or {}),
        }
    )


def check_range(name: str, value: int, most: int) -> None:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ConfigurationError(f"{name} is {value!r}; expected an integer from 0 to {most}")


def check_seed(seed: int) -> None:
    check_range("seed", seed, _MOST_SEED)


def url_of(
    users: Mapping[str, str], vhosts: Sequence[str], user: str | None, vhost: str | None, host: str, port: int
) -> str:
    """amqp://... for one of the users on one of the vhosts; None: the first."""
    user = next(iter(users)) if user is None else user
    vhost = vhosts[0] if vhost is None else vhost
    if user not in users:
        raise ConfigurationError(f"no user {user!r}; there are {', '.join(users)}")
    if vhost not in vhosts:
        raise ConfigurationError(f"no vhost {vhost!r}; there are {', '.join(vhosts)}")
    host = f"[{host}]" if ":" in host else host
    path = "" if vhost == "/" else quote(vhost, safe="")
    return f"amqp://{quote(user, safe='')}:{quote(users[user], safe='')}@{host}:{port}/{path}"
