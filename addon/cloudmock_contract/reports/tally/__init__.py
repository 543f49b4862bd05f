"""Counting: exchanges to a report, in bounded memory.

Does not know any format.
"""
