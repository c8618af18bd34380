"""Compression: a checkpoint in, a smaller checkpoint of the same kind out."""
