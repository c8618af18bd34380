"""Scores of whole pages: what a reader found, and what it read (`score.score_pages`)."""
