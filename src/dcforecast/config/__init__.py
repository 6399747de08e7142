"""Schema and validation of the composed configuration."""
