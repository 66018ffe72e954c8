"""Measured promises. A table is a module here with a function `rows()`; `make bench TABLE=footprint` runs one."""
