"""Bytes to trees and back: a call's input, a reply's output, errors, and what they name.

Does not know that there are two sides to compare.
"""
