#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a file into a C source with its bytes as a string: embed.py INPUT OUTPUT NAME."""
import sys


def literal(data: bytes) -> str:
    """C string literals of at most 100 source characters each, concatenated by the compiler."""
    rows, row = [], ""
    for byte in data:
        char = chr(byte)
        piece = {"\n": "\\n", '"': '\\"', "\\": "\\\\", "?": "\\?"}.get(char)
        if piece is None:
            piece = char if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
        row += piece
        if len(row) > 80 or byte == 0x0A:
            rows.append(f'    "{row}"')
            row = ""
    rows.append(f'    "{row}"')
    return "\n".join(rows)


def main() -> int:
    source, target, name = sys.argv[1:4]
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "w", encoding="ascii") as file:
        file.write(f"extern const char {name}[];\nextern const unsigned {name}_size;\n")
        file.write(f"const char {name}[] =\n{literal(data)};\n")
        file.write(f"const unsigned {name}_size = {len(data)};\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
