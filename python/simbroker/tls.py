"""A throw-away certificate authority for tests of TLS, and what the broker needs of it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simbroker import _core


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key: files in PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Tls:
    """What a broker listens with.

    authority  who may sign the certificates of clients.
    verify     "none": no certificate is asked for; "peer": one that is given has to be good; "required".
    port       0 takes a free one.
    """

    server: KeyPair
    authority: Path | None = None
    verify: str = "none"
    port: int = 0

    def as_options(self) -> dict[str, str]:
        return {
            "port": str(self.port),
            "certificate": os.fspath(self.server.certificate),
            "key": os.fspath(self.server.key),
            "authority": "" if self.authority is None else os.fspath(self.authority),
            "verify": self.verify,
        }


@dataclass(frozen=True)
class Certificates:
    """Good certificates, and bad ones of every kind: expired, for another host, of another authority."""

    ca: KeyPair
    server: KeyPair
    client: KeyPair
    other_ca: KeyPair
    expired: KeyPair
    wrong_host: KeyPair
    unknown_ca: KeyPair
    expired_client: KeyPair
    unknown_ca_client: KeyPair

    def ssl_context(self, client: KeyPair | None = None) -> ssl.SSLContext:
        """For a client that trusts this authority; `client` is the certificate it shows, if any."""
        context = ssl.create_default_context(cafile=self.ca.certificate)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context


def certificates(
    directory: str | os.PathLike[str],
    *,
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "::1"),
    client: str = "guest",
) -> Certificates:
    """Makes an authority, a certificate for a server at `hosts` and one for a client, and bad ones of both.

    The distinguished name of the client is CN=<client>.
    """
    _core.make_certificates(os.fspath(directory), list(hosts), client)
    names = Certificates.__dataclass_fields__
    return Certificates(**{name: KeyPair(Path(directory, f"{name}.pem"), Path(directory, f"{name}.key")) for name in names})
