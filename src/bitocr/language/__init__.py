"""What is known of languages before a text is seen."""
