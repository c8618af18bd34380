"""Images, models and labels: what is read and written."""
