"""What the pytest plugin is made of; nothing here imports torch or libcst at load."""
