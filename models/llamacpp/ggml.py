"""ggml without llama.cpp: loads a backend, lists its devices, and multiplies one matrix on a device.

Every function calls native code that may end the process, so call it in a child process.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.llamacpp import backend_packs

CPU, GPU, INTEGRATED = 0, 1, 2  # enum ggml_backend_dev_type; 3 is an accelerator library beside the CPU
F32, Q4_0 = 0, 2  # enum ggml_type
DEEP, ROWS = 256, 64  # shape of the matrix
COLUMNS = (1, 32)  # of the other factor: generation uses other kernels than prompt evaluation
TOLERANCE = 0.02  # of the largest possible result: activations are rounded to 8 bits
_MOST = 8 * 3 * DEEP
NO_MEMORY, NO_RESULT, WRONG_RESULT = (
    "gives no memory",
    "does not compute",
    "gets sums wrong",
)  # see backend_messages


class _Memory(ctypes.Structure):
    """struct ggml_init_params."""

    _fields_ = [("size", ctypes.c_size_t), ("buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


def function(name: str, libraries: Sequence[Any]) -> Any:
    """The function, from the first library that has it. Raises AttributeError if none has."""
    return getattr(next((one for one in libraries if hasattr(one, name)), libraries[0]), name)


def of_windows(folder: Path) -> list[Any]:
    """ggml's libraries on Windows, where a library exports its own functions only, not those of its dependencies. Empty
    on other systems. Raises OSError.
    """
    files = [folder / "ggml.dll", folder / "ggml-base.dll"]
    return [ctypes.CDLL(str(file)) for file in files if file.exists()]


class Ggml:
    """A loaded ggml library."""

    def __init__(self, library: Path) -> None:
        """Load the library. Raises OSError."""
        self._libraries = [ctypes.CDLL(str(library)), *of_windows(library.parent)]

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        """Call a function. Pass pointers and sizes as ctypes values: ctypes passes a bare integer as 32 bits."""
        called = function(name, self._libraries)
        called.restype = result
        return called(*arguments)

    @property
    def identity(self) -> str:
        """The library's version and commit ("0.25.3 0c1e570")."""
        parts: list[bytes] = [self._call(name, ctypes.c_char_p) for name in ("ggml_version", "ggml_commit")]
        return backend_packs.identity(*(one.decode("ascii", "replace") for one in parts))

    def load(self, plugin: Path) -> int | None:
        """Load a backend. Returns ggml's registry of its devices, None if ggml rejects it."""
        return self._call("ggml_backend_load", ctypes.c_void_p, str(plugin).encode())

    def devices(self, registry: int) -> list[int]:
        """The registry's devices, of any kind."""
        count: int = self._call("ggml_backend_reg_dev_count", ctypes.c_size_t, _pointer(registry))
        at = "ggml_backend_reg_dev_get"
        return [self._call(at, ctypes.c_void_p, _pointer(registry), ctypes.c_size_t(index)) for index in range(count)]

    def kind(self, device: int) -> int:
        return self._call("ggml_backend_dev_type", ctypes.c_int, _pointer(device))

    def name(self, device: int) -> str:
        text: bytes = self._call("ggml_backend_dev_description", ctypes.c_char_p, _pointer(device))
        return text.decode("utf-8", "replace")

    def fault(self, device: int) -> str:
        """Multiply a matrix of 4-bit weights on the device, and describe a wrong result as a clause in English; "" if
        the result is right. Does not free its memory.
        """
        return next(filter(None, (self._fault(device, columns) for columns in COLUMNS)), "")

    def _fault(self, device: int, columns: int) -> str:
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        backend = _pointer(self._call("ggml_backend_dev_init", pointer, _pointer(device), None))
        context = _pointer(self._call("ggml_init", pointer, _Memory(1 << 20, None, True)))
        weights, given = self._matrix(context, Q4_0, ROWS), self._matrix(context, F32, columns)
        product = _pointer(self._call("ggml_mul_mat", pointer, context, weights, given))
        graph = _pointer(self._call("ggml_new_graph", pointer, context))
        self._call("ggml_build_forward_expand", None, graph, product)
        if not backend.value or not self._call("ggml_backend_alloc_ctx_tensors", pointer, context, backend):
            return NO_MEMORY
        packed = self._packed()
        self._call("ggml_backend_tensor_set", None, weights, packed, size(0), size(len(packed)))
        numbers = (ctypes.c_float * (DEEP * columns))(*_inputs(columns))
        self._call("ggml_backend_tensor_set", None, given, numbers, size(0), size(ctypes.sizeof(numbers)))
        if self._call("ggml_backend_graph_compute", ctypes.c_int, backend, graph) != 0:
            return NO_RESULT
        result = (ctypes.c_float * (ROWS * columns))()
        self._call("ggml_backend_tensor_get", None, product, result, size(0), size(ctypes.sizeof(result)))
        wrong = any(abs(got - ours) > TOLERANCE * _MOST for got, ours in zip(result, _product(columns), strict=True))
        return WRONG_RESULT if wrong else ""

    def _matrix(self, context: ctypes.c_void_p, kind: int, rows: int) -> ctypes.c_void_p:
        wide, high = ctypes.c_int64(DEEP), ctypes.c_int64(rows)
        return _pointer(self._call("ggml_new_tensor_2d", ctypes.c_void_p, context, ctypes.c_int(kind), wide, high))

    def _packed(self) -> Any:
        """The weights in ggml's 4-bit format."""
        count = ROWS * DEEP
        plain, packed = (ctypes.c_float * count)(*_weights()), ctypes.create_string_buffer(count // 32 * 18)
        rows, deep = ctypes.c_int64(ROWS), ctypes.c_int64(DEEP)
        name = "ggml_quantize_chunk"
        self._call(name, ctypes.c_size_t, ctypes.c_int(Q4_0), plain, packed, ctypes.c_int64(0), rows, deep, None)
        return packed


def _pointer(value: int | None) -> ctypes.c_void_p:
    return ctypes.c_void_p(value)


def _weights() -> list[int]:
    """The weights row by row, integers that 4 bits hold exactly: every block of 32 contains -8."""
    return [
        -8 if column % 32 == 0 else (row * 7 + column * 3) % 16 - 8 for row in range(ROWS) for column in range(DEEP)
    ]


def _inputs(columns: int) -> list[int]:
    return [(column * 5 + index * index) % 7 - 3 for column in range(columns) for index in range(DEEP)]


def _product(columns: int) -> list[int]:
    """The expected product, column by column."""
    weights, given = _weights(), _inputs(columns)
    return [
        sum(weights[row * DEEP + index] * given[column * DEEP + index] for index in range(DEEP))
        for column in range(columns)
        for row in range(ROWS)
    ]
