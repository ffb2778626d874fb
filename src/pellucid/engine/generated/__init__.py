"""Kernels printed from the catalogue; see `pellucid.engine.generate`."""
