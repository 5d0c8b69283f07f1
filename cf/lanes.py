"""Eight float32 numbers that compiled kernels add and multiply at once: a value type for numba, and its operations.

Numba leaves it to LLVM to find loops that can go eight at a time, and LLVM keeps no tile of sums in registers across a
loop. A kernel that says what it wants in these words gets it, on any processor: LLVM splits what is too wide for one.
Used inside compiled functions alone. Places are offsets into the array as it lies in memory, rows one after the other.
"""

# ruff: noqa: ARG001  numba calls each generator by one signature
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core import types as numba_types
from numba.extending import intrinsic, models, register_model

types: Any = numba_types
_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic

WIDTH = 8
_VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
_INDEX = ir.IntType(32)
_FLOAT_BYTES = 4
# pairs of shuffles by which eight vectors are added up: halves of 2, of 4 and of 8 lanes
_HALVES = (
    ((0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15)),
    ((0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)),
    ((0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15)),
)


class Lanes(numba_types.Type):
    """Eight float32."""

    def __init__(self) -> None:
        super().__init__(name="float32x8")


LANES = Lanes()


@register_model(Lanes)
class _Model(models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _place(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [offset])


def _filled(builder: Any, scalar: Any) -> Any:
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), _mask((0,) * WIDTH))


def _mask(lanes: tuple[int, ...]) -> Any:
    return ir.Constant(ir.VectorType(_INDEX, WIDTH), [ir.Constant(_INDEX, lane) for lane in lanes])


@_intrinsic
def load(_typing: Any, array: Any, offset: Any) -> Any:
    """array[offset : offset + 8]"""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], *arguments)
        found = builder.load(builder.bitcast(place, _VECTOR.as_pointer()))
        found.align = _FLOAT_BYTES
        return found

    return LANES(array, types.intp), generate


@_intrinsic
def store(_typing: Any, array: Any, offset: Any, value: Any) -> Any:
    """array[offset : offset + 8] = value"""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], *arguments[:2])
        written = builder.store(arguments[2], builder.bitcast(place, _VECTOR.as_pointer()))
        written.align = _FLOAT_BYTES
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@_intrinsic
def fill(_typing: Any, scalar: Any) -> Any:
    """The same number eight times."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _filled(builder, arguments[0])

    return LANES(types.float32), generate


@_intrinsic
def muladd(_typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a · b + c, rounded once where the processor can."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fmuladd.v{WIDTH}f32")
        return builder.call(function, arguments)

    return LANES(a, b, c), generate


@_intrinsic
def times(_typing: Any, a: Any, b: Any) -> Any:
    """a · b"""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fmul(*arguments)

    return LANES(a, b), generate


@_intrinsic
def sums(_typing: Any, *vectors: Any) -> Any:
    """The sum of each of eight vectors, as one."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        left = list(cgutils.unpack_tuple(builder, arguments[0]))
        for low, high in _HALVES:
            left = [
                builder.fadd(builder.shuffle_vector(a, b, _mask(low)), builder.shuffle_vector(a, b, _mask(high)))
                for a, b in zip(left[::2], left[1::2], strict=True)
            ]
        return left[0]

    return LANES(types.StarArgTuple(vectors)), generate


@_intrinsic
def total(_typing: Any, vector: Any) -> Any:
    """The sum of the eight lanes."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        parts = [builder.extract_element(arguments[0], ir.Constant(_INDEX, lane)) for lane in range(WIDTH)]
        while len(parts) > 1:
            parts = [builder.fadd(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    return types.float32(vector), generate


@_intrinsic
def prefetch(_typing: Any, array: Any, offset: Any) -> Any:
    """Ask for what lies at an offset; nothing waits for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.bitcast(_place(context, builder, signature.args[0], *arguments), ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [place.type, _INDEX, _INDEX, _INDEX])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [place, *(ir.Constant(_INDEX, n) for n in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate
