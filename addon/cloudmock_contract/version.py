"""The name and the version of this program. Nothing is imported here: the build and `--help` read it."""

PROGRAM = "cloudmock-contract"

__version__ = "0.1.0"
