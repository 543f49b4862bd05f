"""The values that travel through the program: requests, replies, operations, differences, verdicts, exchanges.

Frozen. They know neither HTTP libraries nor AWS nor how they are made.
"""
