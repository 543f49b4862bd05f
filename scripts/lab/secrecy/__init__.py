"""What gets out, and who gets in."""
