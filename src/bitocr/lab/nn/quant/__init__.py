"""Quantization: fake-quantized layers, ranges of activations, and the engine's arithmetic in torch."""
