"""What is overridden or imitated of mitmproxy, h11 and asyncio is as it was when that was written.

A digest that differs says which method an upgrade has changed: read what changed, mend what stands on it, then put the
new digest here (the failure prints it). Only the versions that pyproject.toml allows are looked at.
"""

import hashlib
import importlib
import inspect

import pytest

UPSTREAM = {
    # buffers
    "h11._readers:ChunkedReader": "4d2629eeaaf366b6",
    "h11._receivebuffer:ReceiveBuffer": "108c4355eb3b1717",
    # app_side and aws_side
    "mitmproxy.proxy.layers.http._http1:HttpConnection": "5c909c3a5b87c0bc",
    "mitmproxy.proxy.layers.http._http1:Http1Connection": "c0675638b0756013",
    "mitmproxy.proxy.layers.http._http1:Http1Server": "cc8428d0bb6f79a5",
    "mitmproxy.proxy.layers.http._http1:Http1Client": "706b7a68f2809929",
    "mitmproxy.proxy.layers.http._http1:make_error_response": "03ce75ab62e8e78b",
    "mitmproxy.proxy.layers.http:HttpClient._handle_event": "bc1cae775a49a4fe",
    # stream
    "mitmproxy.proxy.layers.http:HttpStream._handle_event": "e3cbfef7310ae81f",
    "mitmproxy.proxy.layers.http:HttpStream.state_wait_for_request_headers": "3706d5d5ce01dcd4",
    "mitmproxy.proxy.layers.http:HttpStream.start_request_stream": "46f03368a2a54362",
    "mitmproxy.proxy.layers.http:HttpStream.check_invalid": "ef0a126eef45d903",
    "mitmproxy.proxy.layers.http:HttpStream.state_consume_request_body": "45459c1bbd8bdb1a",
    "mitmproxy.proxy.layers.http:HttpStream.state_consume_response_body": "5323db61dfc7e2e1",
    "mitmproxy.proxy.layers.http:HttpStream.start_response_stream": "b0de9e9a5ee27276",
    "mitmproxy.proxy.layers.http:HttpStream.state_stream_response_body": "3fb6320300d3ddd5",
    "mitmproxy.proxy.layers.http:HttpStream.handle_protocol_error": "59fc3b2eeeabf63a",
    "mitmproxy.proxy.layers.http:HttpStream.flow_done": "ad9969744785c572",
    # layer
    "mitmproxy.proxy.layers.http:HttpLayer.__init__": "1ece202e595d103e",
    "mitmproxy.proxy.layers.http:HttpLayer._handle_event": "6ba31883cc7a06b3",
    "mitmproxy.proxy.layers.http:HttpLayer.event_to_child": "1095f6e1581d1780",
    "mitmproxy.proxy.layers.http:HttpLayer.make_stream": "654959c6e74548e1",
    "mitmproxy.proxy.layers.http:HttpLayer.get_connection": "1aa1c63e3175766c",
    "mitmproxy.proxy.layers.http:HttpLayer.register_connection": "deed6282affc431f",
    "mitmproxy.proxy.layer:Layer.handle_event": "fd88b0fb09ceddbb",
    # flows
    "mitmproxy.net.http.http1.read:connection_close": "d53e499096578d6b",
    "mitmproxy.http:RequestData": "4371ac6b2dfb38a1",
    "mitmproxy.http:ResponseData": "d616b2451588a1c6",
    # listeners
    "mitmproxy.addons.proxyserver:Proxyserver.setup_servers": "0fd0fa70117642a0",
    "mitmproxy.addons.proxyserver:Proxyserver.configure": "03e1da6deac19a25",
    "mitmproxy.addons.proxyserver:Proxyserver.running": "e2f544c0127a348e",
    "mitmproxy.addons.proxyserver:Servers.update": "e653c1bdfa8cf352",
    # socket_reads
    "mitmproxy.proxy.server:ConnectionIO": "f498a46ab1b0f40f",
    "mitmproxy.proxy.server:ConnectionHandler.handle_connection": "95c3f93e9824e527",
    # process
    "mitmproxy.http:MessageData.__post_init__": "f65088e210cd9cc1",
    # options
    "mitmproxy.optmanager:OptManager.process_deferred": "26ca8b7a2d9b86e9",
    # lean_master
    "mitmproxy.addonmanager:AddonManager.handle_lifecycle": "38c97e792d1db5b7",
    "mitmproxy.addonmanager:AddonManager.invoke_addon": "13180532440359de",
    "mitmproxy.addons.tlsconfig:TlsConfig.configure": "bcc91899a28dfd23",
    "mitmproxy.addons.tlsconfig:TlsConfig.tls_start_client": "05334c27c22a10ed",
    "mitmproxy.addons.tlsconfig:TlsConfig.request": "84c6d74b564dde72",
}
"""By module and name: the beginning of the SHA-256 of its source."""


@pytest.mark.parametrize("name", UPSTREAM)
def test_what_we_stand_on_has_not_moved(name: str) -> None:
    """The source of what is overridden or imitated is the one that was read when that was done."""
    module, _, path = name.partition(":")
    owner: object = importlib.import_module(module)
    for part in path.split("."):
        owner = getattr(owner, part)
    source = inspect.getsource(owner)  # type: ignore[arg-type]

    assert UPSTREAM[name] == hashlib.sha256(source.encode()).hexdigest()[:16], f"{name} has changed"
