"""Expressions as text, one small class for each language."""
