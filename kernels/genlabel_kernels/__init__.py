"""Numbers in, numbers out: the arithmetic of genlabel's marks.

Arrays and scalars only; numpy, numba and the standard library only. Kernels compile on their first
call, never on import.
"""
