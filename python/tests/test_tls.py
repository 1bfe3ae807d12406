"""TLS as a real client sees it: pika over amqps, with and without certificates of its own."""

from __future__ import annotations

import ssl

import pika
import pika.credentials
import pytest
import simbroker
from simbroker import Certificates, Tls


def connect(
    broker: simbroker.Broker, context: ssl.SSLContext, credentials: object | None = None, host: str = "localhost"
) -> pika.BlockingConnection:
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host=host,
            port=broker.tls_port,
            credentials=credentials or pika.PlainCredentials("guest", "guest"),
            ssl_options=pika.SSLOptions(context, "localhost"),
        )
    )


def exchange_one_message(connection: pika.BlockingConnection, body: bytes = b"over TLS") -> bytes:
    channel = connection.channel()
    channel.queue_declare("q", exclusive=True)
    channel.basic_publish("", "q", body)
    return channel.basic_get("q", auto_ack=True)[2]


def test_pika_over_amqps(simbroker_certificates: Certificates) -> None:
    with simbroker.Broker(tls=simbroker_certificates) as broker:
        assert broker.url_tls.startswith("amqps://guest:guest@127.0.0.1:")
        parameters = pika.URLParameters(broker.url_tls)
        parameters.ssl_options = pika.SSLOptions(simbroker_certificates.ssl_context(), "127.0.0.1")
        connection = pika.BlockingConnection(parameters)
        assert exchange_one_message(connection) == b"over TLS"
        connection.close()


def test_a_large_message(simbroker_certificates: Certificates) -> None:
    with simbroker.Broker(tls=simbroker_certificates) as broker:
        connection = connect(broker, simbroker_certificates.ssl_context())
        body = bytes(range(256)) * 8192
        assert exchange_one_message(connection, body) == body
        connection.close()


def test_the_client_is_who_its_certificate_says(simbroker_certificates: Certificates) -> None:
    certificates = simbroker_certificates
    tls = Tls(certificates.server, authority=certificates.ca.certificate, verify="required")
    with simbroker.Broker(tls=tls, auth_mechanisms=["PLAIN", "EXTERNAL"], users={"CN=guest": ""}) as broker:
        context = certificates.ssl_context(certificates.client)
        connection = connect(broker, context, pika.credentials.ExternalCredentials())
        assert broker.wait_for_event("connection_opened").subject == "CN=guest@/"
        connection.close()


def test_a_client_nobody_knows(simbroker_certificates: Certificates) -> None:
    certificates = simbroker_certificates
    with simbroker.Broker(tls=certificates, auth_mechanisms=["EXTERNAL"]) as broker:
        with pytest.raises(pika.exceptions.ProbableAuthenticationError, match="mechanism EXTERNAL"):
            connect(broker, certificates.ssl_context(certificates.client), pika.credentials.ExternalCredentials())


@pytest.mark.parametrize("name", ["expired", "wrong_host", "unknown_ca"])
def test_a_server_that_clients_do_not_trust(simbroker_certificates: Certificates, name: str) -> None:
    with simbroker.Broker(tls=Tls(getattr(simbroker_certificates, name))) as broker:
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(broker, simbroker_certificates.ssl_context())
        assert "alert" in broker.wait_for_event("tls_handshake_failed").detail


@pytest.mark.parametrize("name", [None, "expired_client", "unknown_ca_client"])
def test_a_client_that_the_server_does_not_trust(simbroker_certificates: Certificates, name: str | None) -> None:
    certificates = simbroker_certificates
    tls = Tls(certificates.server, authority=certificates.ca.certificate, verify="required")
    with simbroker.Broker(tls=tls) as broker:
        shown = None if name is None else getattr(certificates, name)
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            connect(broker, certificates.ssl_context(shown))
        assert broker.wait_for_event("tls_handshake_failed")
        assert broker.connections == []


def test_a_broker_without_tls() -> None:
    with simbroker.Broker() as broker:
        assert broker.tls_port is None
        with pytest.raises(simbroker.ConfigurationError, match="no TLS"):
            broker.url_tls


def test_a_run_over_tls_is_repeated(simbroker_certificates: Certificates, tmp_path: object) -> None:
    trace = f"{tmp_path}/run.trace"
    certificates = simbroker_certificates
    with simbroker.Broker(
        tls=certificates, auth_mechanisms=["EXTERNAL"], certificate_login="common_name", trace=trace
    ) as broker:
        context = certificates.ssl_context(certificates.client)
        connection = connect(broker, context, pika.credentials.ExternalCredentials())
        exchange_one_message(connection)
        connection.close()
    assert simbroker.replay(trace).identical
