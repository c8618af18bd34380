"""Quantized layers: fake quantization, ranges of activations, and the engine's arithmetic in torch."""
