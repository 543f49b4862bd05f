"""Whether a request bears the signature of somebody whose secret key is known.

Does not know what the request is for, nor what its sender may do.
"""
