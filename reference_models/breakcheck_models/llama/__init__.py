"""A Llama to be read: clean files, hostile twins of them, and everything else applied from outside."""
