"""What the user forgives, and how it is written down.

Does not know what is compared.
"""
