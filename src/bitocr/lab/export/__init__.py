"""Exports trained networks to model.bit, ONNX and MNN."""
