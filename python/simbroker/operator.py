"""What an operator sets on a broker: users, permissions, virtual hosts, limits, policies. The names are rabbitmqctl's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from simbroker import _core
from simbroker.errors import OperationError

Definition = Mapping[str, Any]


class Operator:
    """The operator's methods of Broker. Each raises OperationError, in rabbitmqctl's words, if the broker refuses."""

    _server: _core.Server
    users: dict[str, str]  # whom url_for() knows
    vhosts: list[str]

    def operate(self, operation: str, /, **fields: Any) -> list[dict[str, Any]]:
        """Any operation by its name; what `list` gives is a row for each thing."""
        return [json.loads(row) for row in self._server.operate(json.dumps({operation: fields}))]

    # Connections

    @property
    def connections(self) -> list[int]:
        """The numbers of the open connections, oldest first; events name them too."""
        return self._server.connections

    def close_connection(self, connection: int, reason: str = "closed by the operator") -> None:
        """Tells one client connection.close 320 with this reason."""
        self._server.close_connection(self._open(connection), reason)

    def _open(self, connection: int) -> int:
        open_ones = self.connections
        if connection not in open_ones:
            there_are = ", ".join(map(str, open_ones)) or "none"
            raise OperationError(f"no connection {connection!r} is open; there are {there_are}")
        return connection

    # Users

    def add_user(self, user: str, password: str, *, tags: Iterable[str] = ()) -> None:
        """A user who may log in, and open no vhost until set_permissions() says so."""
        self.operate("add_user", user=user, password=password)
        self.users[user] = password
        self.set_user_tags(user, *tags)

    def delete_user(self, user: str) -> None:
        """The user's connections are told 320 and closed."""
        self.operate("delete_user", user=user)
        self.users.pop(user, None)

    def change_password(self, user: str, password: str) -> None:
        """For the next log-in; who is in stays in."""
        self.operate("change_password", user=user, password=password)
        self.users[user] = password

    def set_user_tags(self, user: str, *tags: str) -> None:
        """Instead of those the user had. An "impersonator" may publish with the user-id of somebody else."""
        self.operate("set_user_tags", user=user, tags=list(tags))

    def set_user_limits(self, user: str, **limits: int) -> None:
        """max_connections= and max_channels=; a negative number is no limit."""
        self.operate("set_user_limits", user=user, definition=_with_hyphens(limits))

    def clear_user_limits(self, user: str, limit: str = "all") -> None:
        """max-connections, max-channels or all."""
        self.operate("clear_user_limits", user=user, limit=limit)

    # Permissions: regular expressions, found anywhere in a name; the empty one allows nothing

    def set_permissions(
        self, user: str, *, vhost: str = "/", configure: str = ".*", write: str = ".*", read: str = ".*"
    ) -> None:
        """What the user may declare and delete, publish to, and consume from; it holds at once."""
        self.operate("set_permissions", vhost=vhost, user=user, configure=configure, write=write, read=read)

    def clear_permissions(self, user: str, *, vhost: str = "/") -> None:
        """The user may not open the vhost any more."""
        self.operate("clear_permissions", vhost=vhost, user=user)

    def set_topic_permissions(
        self, user: str, exchange: str, *, vhost: str = "/", write: str = ".*", read: str = ".*"
    ) -> None:
        """Which routing keys of a topic exchange; {username} and {vhost} stand for themselves."""
        self.operate("set_topic_permissions", vhost=vhost, user=user, exchange=exchange, write=write, read=read)

    def clear_topic_permissions(self, user: str, exchange: str = "", *, vhost: str = "/") -> None:
        """Of one exchange, or of all."""
        self.operate("clear_topic_permissions", vhost=vhost, user=user, exchange=exchange)

    # Virtual hosts

    def add_vhost(self, vhost: str) -> None:
        """Nobody may open it until set_permissions() says so."""
        self.operate("add_vhost", vhost=vhost)
        if vhost not in self.vhosts:
            self.vhosts.append(vhost)

    def delete_vhost(self, vhost: str) -> None:
        """With all that is in it; its connections are told 320 and closed."""
        self.operate("delete_vhost", vhost=vhost)
        if vhost in self.vhosts:
            self.vhosts.remove(vhost)

    def set_vhost_limits(self, vhost: str = "/", **limits: int) -> None:
        """max_connections=, max_queues= and, in RabbitMQ 4.3, max_exchanges=; instead of those there were."""
        self.operate("set_vhost_limits", vhost=vhost, definition=_with_hyphens(limits))

    def clear_vhost_limits(self, vhost: str = "/") -> None:
        self.operate("clear_vhost_limits", vhost=vhost)

    # Policies: they hold at once, for what is there and what will be

    def set_policy(
        self,
        name: str,
        pattern: str,
        definition: Definition,
        *,
        vhost: str = "/",
        priority: int = 0,
        apply_to: str = "all",
    ) -> None:
        """set_policy("short", "^tmp", {"max-length": 10}, apply_to="queues"). Of several that match, the one with the
        highest priority applies."""
        self._set_policy("set_policy", name, pattern, definition, vhost, priority, apply_to)

    def clear_policy(self, name: str, *, vhost: str = "/") -> None:
        self.operate("clear_policy", vhost=vhost, name=name)

    def set_operator_policy(
        self,
        name: str,
        pattern: str,
        definition: Definition,
        *,
        vhost: str = "/",
        priority: int = 0,
        apply_to: str = "all",
    ) -> None:
        """Limits beside those of users: of a policy, an operator policy and an argument the smallest holds."""
        self._set_policy("set_operator_policy", name, pattern, definition, vhost, priority, apply_to)

    def clear_operator_policy(self, name: str, *, vhost: str = "/") -> None:
        self.operate("clear_operator_policy", vhost=vhost, name=name)

    def _set_policy(
        self,
        operation: str,
        name: str,
        pattern: str,
        definition: Definition,
        vhost: str,
        priority: int,
        apply_to: str,
    ) -> None:
        self.operate(
            operation,
            vhost=vhost,
            name=name,
            pattern=pattern,
            definition=dict(definition),
            priority=priority,
            apply_to=apply_to,
        )

    # Connections and queues

    def close_all_connections(self, reason: str = "closed by the operator", *, vhost: str = "", user: str = "") -> None:
        """Of a vhost, of a user, or all."""
        if user:
            self.operate("close_all_user_connections", user=user, reason=reason)
        else:
            self.operate("close_all_connections", vhost=vhost, reason=reason)

    def purge_queue(self, queue: str, *, vhost: str = "/") -> None:
        self.operate("purge_queue", vhost=vhost, queue=queue)

    def delete_queue(self, queue: str, *, vhost: str = "/") -> None:
        self.operate("delete_queue", vhost=vhost, queue=queue)

    def list(self, what: str, *, vhost: str = "/", queue: str = "") -> list[dict[str, Any]]:
        """A row for each of the "users", "queues", "connections", "policies" ...: broker.list("queues")[0]["messages"].
        Of a queue's own, such as "messages", only those of `queue`."""
        return self.operate("list", what=what, vhost=vhost, queue=queue)


def _with_hyphens(limits: Mapping[str, int]) -> dict[str, int]:
    return {name.replace("_", "-"): limit for name, limit in limits.items()}
