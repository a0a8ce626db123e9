"""Reference models that show every compile-hostile habit and its cure."""
