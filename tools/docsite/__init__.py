"""The documentation's site: hand-written pages of docs/, and a reference generated from the sources."""
