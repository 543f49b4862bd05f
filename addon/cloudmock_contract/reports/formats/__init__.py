"""A report as text: JSON, terminal, clean-up script.

Does not know where the text goes.
"""
