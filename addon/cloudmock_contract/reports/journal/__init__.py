"""The append-only file of exchanges, from which a report can be made after a crash.

Does not know what the report says.
"""
