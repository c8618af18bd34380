"""Reading and writing of images, models and labels."""
