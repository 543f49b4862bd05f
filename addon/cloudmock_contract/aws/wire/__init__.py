"""What the bytes of a message say by themselves: headers, hosts, forms, XML, event streams, times.

Does not know operations, nor whether a message is right.
"""
