"""Keys: the user's, those that AWS hands out, those made for one run, and whose they are.

Does not know what is signed with them. They live in memory only.
"""
