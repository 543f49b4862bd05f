"""Who gets the layer that answers for a silent server. That it answers is tested in test_session."""

import pytest
from mitmproxy import connection
from mitmproxy.options import Options
from mitmproxy.proxy import context, events, layer
from mitmproxy.proxy.layers import modes
from mitmproxy.proxy.layers.http import HTTPMode

from cloudmock_contract.proxy import layers


def next_layer(parent: type[layer.Layer], data: bytes) -> layer.NextLayer:
    client = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=0)
    made = context.Context(client, Options())
    parent(made)
    asked = layer.NextLayer(made)
    asked.events.append(events.DataReceived(client, data))
    return asked


def test_a_reverse_proxys_http_client_gets_the_layer() -> None:
    """Plain HTTP in reverse mode is handled by the answering layer."""
    asked = next_layer(modes.ReverseProxy, b"GET / HTTP/1.1\r\n")
    layers.answering(asked)

    assert isinstance(asked.layer, layers.AnsweringLayer)


@pytest.mark.parametrize(
    ("parent", "data"),
    [(modes.ReverseProxy, b"\x16\x03\x01\x02\x00\x01"), (modes.HttpProxy, b"GET http://x/ HTTP/1.1\r\n")],
)
def test_everything_else_is_left_to_mitmproxy(parent: type[layer.Layer], data: bytes) -> None:
    """TLS and other proxy modes are none of its business."""
    asked = next_layer(parent, data)
    layers.answering(asked)

    assert asked.layer is None


def test_a_choice_that_was_made_is_kept() -> None:
    """Another addon's choice of a layer stays."""
    asked = next_layer(modes.ReverseProxy, b"GET / HTTP/1.1\r\n")
    chosen = layers.AnsweringLayer(asked.context, HTTPMode.transparent)
    asked.context.layers.remove(chosen)
    asked.layer = chosen
    layers.answering(asked)

    assert chosen is asked.layer
