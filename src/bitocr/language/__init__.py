"""Knowledge of languages and scripts."""
