"""Exchanges in, reports out: one `render` for each format. Only writing.py touches files."""
