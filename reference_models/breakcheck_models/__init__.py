"""Reference models that show every compile-hostile habit and its cure."""

from breakcheck_models.catalogue import load_case, names

__all__ = ["load_case", "names"]
