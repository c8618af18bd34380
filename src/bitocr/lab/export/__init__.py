"""From a trained network to the files that run it: model.bit, ONNX and MNN."""
