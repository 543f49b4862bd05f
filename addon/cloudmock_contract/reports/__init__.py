"""The end of a run: what is written, printed, and counted as success.

Does not know mitmproxy, nor how a verdict came to be.
"""
