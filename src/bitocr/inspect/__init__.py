"""Looking into models and measuring them."""
