"""AWS's side of a signature, written from its documentation alone.

Knows nothing of the package that it checks.
"""
