"""Bodies that pass by: kept on disk, hashed, or let go.

Does not know whose they are.
"""
