"""Trains the detector with the recognizers' trainer: losses, batches of crops, validation, stages."""
