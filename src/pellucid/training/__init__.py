"""Batches, updates, the training loop and its events, and model files."""
