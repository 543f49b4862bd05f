"""Which operation a request asks for.

Does not know what its members hold, nor whether it may be done.
"""
