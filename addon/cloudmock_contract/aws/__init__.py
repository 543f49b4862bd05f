"""AWS as its models and documentation describe it, one subject a folder.

Knows neither mitmproxy nor CloudMock, and sends nothing but what credentials need.
"""
