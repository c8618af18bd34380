"""Training: data, networks, recipes and export of the models that bitocr reads (extra `lab`: torch, lightning, ...)."""
