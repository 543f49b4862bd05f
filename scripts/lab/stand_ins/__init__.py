"""Servers and clients that stand in for AWS, for CloudMock, and for what breaks between.

Do not know what is measured with them.
"""
