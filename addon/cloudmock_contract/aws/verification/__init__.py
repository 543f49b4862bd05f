"""Whether a client's own signature is right.

Does not know what the request is for.
"""
