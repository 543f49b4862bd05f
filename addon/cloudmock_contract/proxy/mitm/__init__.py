"""Everything that mends or reaches into mitmproxy, h11 and asyncio; nothing elsewhere does.

Does not know what a request means.
"""
