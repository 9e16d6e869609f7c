#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors for tests/prop/prop_dec.c, with Python's decimal as the oracle.

Usage: tools/make_dec_vectors.py > tests/prop/dec_vectors.txt

One case a line: operation, rounding, operands, "=", result or "range". The same seed gives the same
file; it is checked in, so that the build needs no Python.
"""
import random
from decimal import (ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP,
                     Decimal, getcontext)

getcontext().prec = 120
getcontext().Emax = 10000
getcontext().Emin = -10000

UNIT = Decimal(1).scaleb(-18)
HIGHEST = Decimal(2**127 - 1).scaleb(-18)
LOWEST = Decimal(-(2**127)).scaleb(-18)
ROUNDINGS = {
    "exact": None, "down": ROUND_DOWN, "up": ROUND_UP, "floor": ROUND_FLOOR, "ceiling": ROUND_CEILING,
    "half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP,
}
EDGES = [Decimal(0), UNIT, -UNIT, Decimal(1), Decimal(-1), HIGHEST, LOWEST, HIGHEST - UNIT, LOWEST + UNIT,
         Decimal(2**64).scaleb(-18), Decimal(2**64 - 1).scaleb(-18), Decimal(2**63).scaleb(-18),
         Decimal("0.5"), Decimal("1.5"), Decimal(10)**9, Decimal(10)**10, Decimal(10)**19]


def to_text(value):
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def rounded(numerator, denominator, step, rounding):
    """numerator / denominator as a multiple of step, or None when digits would be lost or do not fit."""
    quotient = numerator / (denominator * step)
    if rounding is None:
        # A finite quotient of these magnitudes has far fewer digits than the precision.
        if quotient != quotient.to_integral_value() or quotient * denominator * step != numerator:
            return None
    count = quotient.to_integral_value(rounding=rounding or ROUND_DOWN)
    value = count * step
    return value if LOWEST <= value <= HIGHEST else None


def draw(source):
    kind = source.random()
    if kind < 0.15:
        return source.choice(EDGES)
    if kind < 0.55:  # As in trading: few digits.
        return Decimal(source.randrange(-10**9, 10**9)).scaleb(-source.randrange(0, 9))
    value = Decimal(source.getrandbits(source.randrange(1, 127))).scaleb(-18)
    return value if source.random() < 0.5 else -value


def case(operation, rounding, a, b, c):
    mode = ROUNDINGS[rounding]
    if operation in ("add", "sub"):
        value = a + b if operation == "add" else a - b
        return value if LOWEST <= value <= HIGHEST else None
    if operation == "mul":
        return rounded(a * b, Decimal(1), UNIT, mode)
    if operation == "div":
        return rounded(a, b, UNIT, mode) if b else None
    if operation == "muldiv":
        return rounded(a * b, c, UNIT, mode) if c else None
    return rounded(a, Decimal(1), b, mode) if b > 0 else None


def main():
    source = random.Random(20220103)
    for operation in ("add", "sub", "mul", "div", "muldiv", "quantize"):
        names = ["exact"] if operation in ("add", "sub") else list(ROUNDINGS)
        for i in range(700):
            rounding = names[i % len(names)]
            a, b, c = draw(source), draw(source), draw(source)
            if operation == "quantize":
                b = abs(b) if source.random() < 0.95 and b != LOWEST else b
            if source.random() < 0.2:  # Ties, which random numbers would hardly ever hit.
                a, b, c = UNIT * source.randrange(-99, 99), Decimal(2), Decimal(2)
                b = Decimal("0.5") if operation == "mul" else UNIT * 2 if operation == "quantize" else b
                c = Decimal(4) if operation == "muldiv" else c
            operands = [a, b, c] if operation == "muldiv" else [a, b]
            result = case(operation, rounding, a, b, c)
            text = "range" if result is None else to_text(result)
            print(operation, rounding, *(to_text(operand) for operand in operands), "=", text)


main()
