"""Seeded faults in replies, by kind.

Do not know how they are looked for.
"""
