"""Signing a request with our own keys: signatures, and all that a signature covers.

Does not know which operation it is, nor whether it may be done.
"""
