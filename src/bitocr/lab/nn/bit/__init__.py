"""Converts a binary network to the tensors of model.bit, and back."""
