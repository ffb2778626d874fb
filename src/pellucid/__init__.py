"""Pellucid: neural networks on tables, with every number of every step in view."""
__all__: list[str] = []
