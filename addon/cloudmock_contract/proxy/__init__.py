"""The edge: mitmproxy, sockets and tasks. The only folder that imports mitmproxy."""
