#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A field that changes its meaning changes its name: fields_test.py TUTTI SOURCE.

Journals of other releases are read by the names of fields (ADR 102), and so are JSON and the read model. tests/data/fields.txt
records each field that ever was, with its type and its text, where the unit stands, the payload of each topic, and the word of
each number of an enumeration. One that differs, or that comes back after it was gone, may mean something else: the check fails
until the field has another name, or somebody says that the meaning is the same.

    tests/system/fields_test.py build/tutti . --renew [--same PAYLOAD.FIELD]...

writes the record anew: new fields come in, others are marked as gone. A changed one only if it is named with --same.
"""
import os
import re
import subprocess
import sys

GONE = "gone"


def catalogue(page):
    """{"payload.field": "type | text"}, {"topic name": "payload"} and {"enum name number": "word"} of the generated page."""
    known = {}
    payload = None
    for line in page.splitlines():
        heading = re.match(r"#+ (\w+)", line)
        if heading:
            payload = heading.group(1) if line.startswith("### ") else None
        words = re.match(r'<a id="enum-(\w+)"></a>', line)
        for number, word in re.findall(r"(\d+) `(\w+)`", line) if words else []:
            known[f"enum {words.group(1)} {number}"] = word
        cells = [re.sub(r"\[([\w. ]+)\]\(#[^)]*\)", r"\1", cell.strip()) for cell in line.strip().strip("|").split(" | ")]
        is_row = line.startswith("| ") and cells[0].isdigit()
        if is_row and payload is None and len(cells) == 10:
            known["topic " + cells[1].strip("`")] = cells[2]
        elif is_row and payload is not None and len(cells) == 4 and not cells[2].startswith("reserved"):
            known[f"{payload}.{cells[1]}"] = f"{cells[2]} | {cells[3]}"
    return known


def read_record(text):
    record = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, meaning = line.partition(": ")
            record[name] = meaning
    return record


def write_record(record):
    lines = ["# Fields of payloads that ever were, with type and text; payloads of topics; words of enumerations (fields_test.py)."]
    return "\n".join(lines + [f"{name}: {record[name]}" for name in sorted(record)]) + "\n"


def differences(record, known):
    """(what may mean something else, what is new, what is gone)."""
    changed = []
    for name, meaning in known.items():
        was = record.get(name, meaning)
        if was != meaning:
            changed.append(f"{name} was '{was}' and is '{meaning}'")
    new = [name for name in known if name not in record]
    gone = [name for name, meaning in record.items() if name not in known and not meaning.startswith(GONE)]
    return changed, new, gone


def renew(record, known, same):
    """The record of what is known now; a changed meaning stays as it was unless it is said to be the same."""
    result = dict(record)
    for name in record:
        if name not in known and not record[name].startswith(GONE):
            result[name] = f"{GONE}, {record[name]}"
    for name, meaning in known.items():
        if name not in record or name in same:
            result[name] = meaning
    return result


def check_itself():
    """The check must be able to fail."""
    page = ("| 1 | `a.b` | [thing](#thing) | event | low | 0 | 1 | core |  | x |\n### thing\n| offset | field | type | meaning |\n"
            "| 0 | size | [qty](#qty) | lots |\n| 16 | reserved | reserved 8 | zero |\n## Enumerations\n"
            '<a id="enum-word"></a>**word**: 0 `none`, 1 `one`\n| 0 | none | x | y |\n')
    known = catalogue(page)
    fields = {"topic a.b": "thing", "thing.size": "qty | lots"}
    assert known == {**fields, "enum word 0": "none", "enum word 1": "one"}, known
    record = read_record(write_record(known))
    assert record == known and differences(record, known) == ([], [], [])
    other_text = catalogue(page.replace("lots", "units"))
    assert differences(record, other_text)[0] == ["thing.size was 'qty | lots' and is 'qty | units'"]
    assert differences(record, catalogue(page.replace("[qty](#qty)", "money")))[0], "a type"
    assert differences(record, catalogue(page.replace("[thing](#thing)", "[other](#other)")))[0], "a topic"
    assert differences(record, catalogue(page.replace("1 `one`", "1 `two`")))[0], "a word of a number"
    assert renew(record, other_text, []) == record and renew(record, other_text, ["thing.size"]) == other_text
    without = catalogue(page.replace("| 0 | size | [qty](#qty) | lots |\n", ""))
    assert differences(record, without) == ([], [], ["thing.size"])
    later = renew(record, without, [])
    assert later["thing.size"] == "gone, qty | lots" and differences(later, without) == ([], [], [])
    assert differences(later, known)[0], "a name that comes back"
    more = catalogue(page.replace("## Enum", "| 24 | more | u8 | of it |\n## Enum"))
    assert differences(record, more)[1] == ["thing.more"] and renew(record, more, []) == more


def main():
    tutti, source, *words = sys.argv[1:]
    path = os.path.join(source, "tests", "data", "fields.txt")
    page = subprocess.run([tutti, "topics"], capture_output=True, text=True, check=True).stdout
    known = catalogue(page)
    assert len(known) > 700 and sum(name.startswith("topic ") for name in known) > 50, len(known)
    check_itself()
    record = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            record = read_record(file.read())
    if "--renew" in words:
        same = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "--same"]
        record = renew(record, known, same)
        with open(path, "w", encoding="utf-8") as file:
            file.write(write_record(record))
    changed, new, gone = differences(record, known)
    for line in changed:
        print(f"fields: {line}: give it another name, or say with --same that it means the same")
    for name in new + gone:
        print(f"fields: {name} is {'new' if name in new else 'gone'}: renew the record (--renew)")
    sys.exit(1 if changed or new or gone else 0)


if __name__ == "__main__":
    main()
