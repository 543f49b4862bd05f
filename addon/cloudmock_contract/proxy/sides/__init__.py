"""Talking to the two sides: AWS and CloudMock.

Does not know how their replies compare.
"""
