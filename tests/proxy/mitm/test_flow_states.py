"""What the addon and its layers tell each other of a flow."""

import http.client
import socket

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm.flow_states import FlowStates
from lab.stand_ins.stand_in import StandIn
from support.connections import HELLO, exchange_bytes, fetch, port_of


def test_a_state_is_there_until_its_flow_ends() -> None:
    """A flow has a state from when it is opened until it is dropped, whoever drops it first."""
    states = FlowStates()
    state = states.open("a")

    assert (state, None, 1) == (states.get("a"), states.get("b"), len(states))
    states.drop("a")
    states.drop("a")
    assert (None, 0) == (states.get("a"), len(states))


def test_nothing_is_left_of_flows_that_have_ended(proxy: ContractProxy, aws: StandIn) -> None:
    """However a flow ends, nothing of what it was signed with is kept: with or without a reply, refused, switched."""
    aws.answer = lambda *_: b"" if len(aws.received) == 2 else HELLO
    connection = http.client.HTTPConnection("127.0.0.1", port_of(proxy), timeout=60)
    statuses = [fetch(connection)[0] for _ in range(3)]
    connection.close()
    exchange_bytes(proxy, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    exchange_bytes(proxy, b"nonsense\r\n\r\n")
    aws.answer = lambda *_: b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port_of(proxy)), 60) as switched:
        switched.sendall(b"GET /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
        assert switched.recv(65536).startswith(b"HTTP/1.1 101")
    proxy.stop()

    assert [200, 502, 200] == statuses
    assert proxy._session
    assert 0 == len(proxy._session.contract._flow_states)
