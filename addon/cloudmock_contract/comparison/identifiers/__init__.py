"""Values that differ by design: which they are, and which belongs to which on the other side.

Does not know AWS's models.
"""
