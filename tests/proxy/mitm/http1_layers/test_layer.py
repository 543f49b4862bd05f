"""Who gets the layer, and what becomes of a connection."""

import http.client

import pytest
from mitmproxy import connection
from mitmproxy.options import Options
from mitmproxy.proxy import commands, context, events, layer
from mitmproxy.proxy.layers import modes
from mitmproxy.proxy.layers.http import HTTPMode

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm import http1_layers
from cloudmock_contract.proxy.mitm.flow_states import FlowStates
from cloudmock_contract.proxy.mitm.http1_layers import layer as layer_module
from cloudmock_contract.proxy.mitm.http1_layers.aws_side import ReplyReader
from cloudmock_contract.proxy.mitm.http1_layers.layer import MAX_COALESCED_BYTES
from support.connections import fetch


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
    http1_layers.choose_layer(asked, FlowStates())

    assert isinstance(asked.layer, http1_layers.AnsweringLayer)


@pytest.mark.parametrize(
    ("parent", "data"),
    [(modes.ReverseProxy, b"\x16\x03\x01\x02\x00\x01"), (modes.HttpProxy, b"GET http://x/ HTTP/1.1\r\n")],
)
def test_everything_else_is_left_to_mitmproxy(parent: type[layer.Layer], data: bytes) -> None:
    """TLS and other proxy modes are none of its business."""
    asked = next_layer(parent, data)
    http1_layers.choose_layer(asked, FlowStates())

    assert asked.layer is None


def test_a_choice_that_was_made_is_kept() -> None:
    """Another addon's choice of a layer stays."""
    asked = next_layer(modes.ReverseProxy, b"GET / HTTP/1.1\r\n")
    chosen = http1_layers.AnsweringLayer(asked.context, HTTPMode.transparent, FlowStates())
    asked.context.layers.remove(chosen)
    asked.layer = chosen
    http1_layers.choose_layer(asked, FlowStates())

    assert chosen is asked.layer


def test_what_is_sent_at_once_is_sent_in_one() -> None:
    """Consecutive sends to one connection are one, in their order, up to a size; nothing overtakes anything."""
    client, server = (
        connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=number)
        for number in range(2)
    )

    def sent() -> layer_module.Commands:
        yield commands.SendData(client, b"a")
        yield commands.SendData(client, b"b" * (MAX_COALESCED_BYTES - 1))
        yield commands.SendData(client, b"c")
        yield commands.SendData(server, b"d")
        yield commands.SendData(client, b"e")
        yield commands.CloseConnection(client)
        yield commands.SendData(server, b"f")

    joined = [
        (command.connection is client, getattr(command, "data", b"close"))
        for command in layer_module._coalesce_writes(sent())
        if isinstance(command, commands.ConnectionCommand)
    ]

    assert [
        (True, b"a" + b"b" * (MAX_COALESCED_BYTES - 1)),
        (True, b"c"),
        (False, b"d"),
        (True, b"e"),
        (True, b"close"),
        (False, b"f"),
    ] == joined


@pytest.mark.parametrize("where", ["read_headers", "read_body"])
def test_a_defect_does_not_keep_the_app_waiting(
    app: http.client.HTTPConnection,
    proxy: ContractProxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    """Where the layer itself fails the app's connection ends at once, the exchange is counted, the log has the rest."""

    def fail(*_: object) -> layer_module.Commands:
        raise RuntimeError("oops")

    monkeypatch.setattr(ReplyReader, where, fail)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        fetch(app)
    monkeypatch.undo()
    report = proxy.report()

    assert (1, 0, 0) == (report.total_requests, report.matched, report.not_compared.total)
    assert "a defect of its own" in str(report.mismatches[0].verdict.differences[0])
    assert "RuntimeError" in caplog.text
    assert (200, b"{}") == fetch(app)
