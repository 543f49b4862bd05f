"""The way of a request through mitmproxy's hooks.

Does not know how a request is read, signed or compared: it moves values between those who do.
"""
