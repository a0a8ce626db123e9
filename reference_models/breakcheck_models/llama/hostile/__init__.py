"""One file a habit: each is one clean file with one habit put back."""
