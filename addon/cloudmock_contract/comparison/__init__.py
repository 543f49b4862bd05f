"""Two replies to a verdict: aligned, forgiven by rule, graded.

Pure: it does no I/O, and does not know what a run leaves behind.
"""
