#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a file into a C source that holds its bytes: embed.py INPUT OUTPUT NAME."""
import sys

BYTES_A_LINE = 20


def main() -> int:
    source, target, name = sys.argv[1:4]
    with open(source, "rb") as file:
        data = file.read()
    rows = [
        "    " + "".join(f"{byte}," for byte in data[at : at + BYTES_A_LINE])
        for at in range(0, len(data), BYTES_A_LINE)
    ]
    with open(target, "w", encoding="ascii") as file:
        file.write(f"extern const char {name}[];\nextern const unsigned {name}_size;\n")
        file.write(f"const char {name}[] = {{\n" + "\n".join(rows) + "\n};\n")
        file.write(f"const unsigned {name}_size = {len(data)};\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
