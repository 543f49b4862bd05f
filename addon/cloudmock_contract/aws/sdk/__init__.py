"""What an SDK would do with a reply: raise, try again, wait, turn the page.

Does not know replies, only what the models say of operations.
"""
