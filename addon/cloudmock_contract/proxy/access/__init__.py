"""Who may ask, what may be asked, and how much.

Does not know how a request goes on.
"""
