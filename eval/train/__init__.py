"""What trains the models that are shipped."""
