"""What AWS is: services, operations, endpoints, signatures, replies. Knows neither mitmproxy nor CloudMock."""
