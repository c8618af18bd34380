"""Training of the detector, on the trainer of the recognizers: losses, batches of crops, validation, stages."""
