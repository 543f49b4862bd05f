"""What must never be shown, by the model and by value.

Does not know where it would be shown.
"""
