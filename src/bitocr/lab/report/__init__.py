"""One report of many variants of a network: bytes, accuracy, time and memory, with the Pareto fronts drawn."""
