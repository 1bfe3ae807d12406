"""A pytest plugin for aiormq's suite, whose source distribution lacks the file that says where the broker is."""

import os
from types import SimpleNamespace

import pytest
import yarl


@pytest.fixture(scope="session")
def amqp_direct_url():
    return yarl.URL(os.environ["AMQP_URL"]).with_path("//")


@pytest.fixture(scope="session")
def rabbitmq_container(amqp_direct_url):
    ports = {"5672/tcp": amqp_direct_url.port, "5671/tcp": int(os.environ["RABBITMQ_5671_TCP"])}
    return SimpleNamespace(host=amqp_direct_url.host, ports=ports)
