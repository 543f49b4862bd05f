"""What the user forgives, and how he writes it.

Does not know what is compared.
"""
