"""Scripts that run inside an adapter's own environment: JSON in, JSON out, no import of breakcheck's dependencies."""
