"""How often operations and verdicts are right."""
