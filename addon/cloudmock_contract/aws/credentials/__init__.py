"""Credentials: the user's, those that AWS gives to the app, throwaway ones, and to whom they belong.

Does not know what is signed with them. They are kept in memory only.
"""
