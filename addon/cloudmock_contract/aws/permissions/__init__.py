"""Whether the user's flags let an operation through.

Does not know who asks, nor how often.
"""
