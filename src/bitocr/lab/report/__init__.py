"""A report on many variants of a network: bytes, accuracy, time and memory, with plots of the Pareto fronts."""
