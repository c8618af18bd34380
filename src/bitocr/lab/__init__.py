"""The workshop: makes the models that the runtime reads (extra ``lab``: torch, lightning, ...)."""
