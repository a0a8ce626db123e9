"""Latency tables and figures of the reference models, each number beside the limit that memory sets it."""
