"""botocore's description of AWS: services, shapes, partitions.

Does not know how anything is written on the wire.
"""
