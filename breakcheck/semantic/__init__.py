"""What the source says about itself: symbols, what a traced region reaches, abstract values with reasons.

Knows nothing of rules, files' formats or the command line; imports only the standard library.
"""
