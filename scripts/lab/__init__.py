"""What the commands of scripts/ are made of: servers, workloads, measurements.

Uses addon/; tests/ uses it, and it nothing of tests/.
"""
