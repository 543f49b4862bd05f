"""Two documents in, a verdict out. Pure: no I/O, no AWS models, no HTTP."""
