"""Time and memory, as ratios from one run."""
