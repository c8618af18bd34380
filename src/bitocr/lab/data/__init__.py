"""Data: the charset, rendered images, label files and LMDBs."""
