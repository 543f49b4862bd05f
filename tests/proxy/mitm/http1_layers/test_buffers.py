"""What has come and is not read yet, and bodies in chunks."""

from h11._receivebuffer import ReceiveBuffer
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract import ContractProxy
from cloudmock_contract.proxy.mitm.http1_layers.buffers import Buffer
from lab.stand_ins.stand_in import StandIn
from support.connections import exchange_bytes

STEPS = st.one_of(
    st.lists(st.sampled_from((b"\r", b"\n", b"\r\n", b"a", b"bc")), min_size=1).map(b"".join),
    st.integers(0, 9),
    st.sampled_from(("maybe_extract_next_line", "maybe_extract_lines", "is_next_line_obviously_invalid_request_line")),
)


@given(st.lists(STEPS))
def test_the_buffer_gives_what_h11s_gives(steps: list[bytes | int | str]) -> None:
    """Whatever comes and is taken, in whatever order: the same as from the buffer that it stands in for."""
    ours, h11s = Buffer(), ReceiveBuffer()
    for step in steps:
        if isinstance(step, bytes):
            ours += step
            h11s += step
        else:
            name, arguments = (step, ()) if isinstance(step, str) else ("maybe_extract_at_most", (step,))
            assert getattr(h11s, name)(*arguments) == getattr(ours, name)(*arguments)
        assert (bytes(h11s), len(h11s), bool(h11s)) == (bytes(ours), len(ours), bool(ours))


def test_what_comes_alone_is_not_copied() -> None:
    """A piece of a body that is longer than the piece is handed over as it came."""
    buffer, piece = Buffer(), b"a" * 1000
    buffer += piece

    assert buffer.maybe_extract_at_most(1000) is piece
    assert b"" == bytes(buffer)


def test_the_apps_trailers_are_dropped(proxy: ContractProxy, aws: StandIn, cloudmock: StandIn) -> None:
    """An upload with trailers reaches both sides without them, and is answered."""
    head = b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    got = exchange_bytes(proxy, head, b"5\r\nhello\r\n0\r\nx-a: 1\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 200 ")
    assert (1, 1) == (proxy.report().total_requests, proxy.report().matched)
    assert [b"hello"] * 2 == [one.body for one in aws.received + cloudmock.received]
