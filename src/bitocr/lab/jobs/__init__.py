"""Jobs that train, export and report: finetuning, pruning, quantizing, compressing."""
