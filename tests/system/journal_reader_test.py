#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of journals, written from docs/spec/journal.md alone: journal_reader_test.py TUTTI SOURCE_DIR.

It verifies a journal that the program wrote and one of format version 1, must come to the digest that the program
prints, must find planted damage wherever it is, and reads archives; the program must read the archives that it makes.
"""
import ctypes
import ctypes.util
import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from crc32c import crc32c  # noqa: E402

PIECE = 8192
STEP, COMMIT = 1, 2
POOR, CLOSED, SEALED = 1, 2, 4


class Damage(Exception):
    """What is wrong, and where."""


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def need(condition, why):
    if not condition:
        raise Damage(why)


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


class State:
    """Where the journal stands."""

    def __init__(self, chain, seq=0, steps=0, commits=0, time=0):
        self.chain, self.seq, self.steps, self.commits, self.time = chain, seq, steps, commits, time

    def key(self):
        return (self.chain, self.seq, self.steps, self.commits, self.time)


class Reader:
    """Reads a whole journal; `state` is where it ends, `torn` tells that an unfinished tail was passed over."""

    def __init__(self, folder):
        self.folder = folder
        self.torn = False
        self.closed = False
        self.messages = 0
        self.text = self.read_meta()
        self.check_layouts()
        self.state = State(sha256(self.text))
        first = self.read_begin()
        numbers = self.list_segments()
        need(first in numbers, "the first segment is missing")
        version = 1
        while True:
            need(first in numbers, f"segment {first} is missing")
            data, archive = self.load(first)
            is_last = first == numbers[-1]
            version, sealed = self.read_segment(data, first, is_last, version, archive)
            if archive is not None:
                need(archive == self.state.key() and sealed, "the archive says another end")
            if not sealed:
                need(is_last, "a segment without a seal is followed by another")
                break
            first = self.state.seq + 1

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def list_segments(self):
        found = set()
        for name in os.listdir(self.folder):
            match = re.fullmatch(r"(\d{20})\.tt[ja]", name)
            if match:
                found.add(int(match.group(1)))
        return sorted(found)

    def read_meta(self):
        data = self.bytes_of("meta")
        need(data[:8] == b"TUTTIJM\0" and len(data) >= 32, "meta: magic")
        need(u32(data, 28) == crc32c(data[:28]), "meta: checksum")
        need(u32(data, 8) in (1, 2) and u32(data, 12) == 32, "meta: version")
        text = data[32:]
        need(len(text) == u64(data, 16) and u32(data, 24) == crc32c(text), "meta: text")
        return text

    def check_layouts(self):
        """Whoever has these layouts needs no description of them; what is there must be whole all the same."""
        for name in os.listdir(self.folder):
            if name.startswith("layouts-"):
                with open(os.path.join(self.folder, name), "rb") as file:
                    data = file.read()
                lines, _, end = data.rpartition(b"\nend ")
                need(end == b"%d\n" % crc32c(lines + b"\n"), "layouts: checksum")

    def read_begin(self):
        if not os.path.exists(self.path("begin")):
            return 1
        data = self.bytes_of("begin")
        need(len(data) == 128 and data[:8] == b"TUTTIJB\0" and u32(data, 8) == 2 and u32(data, 12) == 128, "begin")
        need(u32(data, 124) == crc32c(data[:124]) and u32(data, 120) == 0, "begin: checksum")
        need(data[80:112] == sha256(self.text), "begin: another meta")
        first, steps, commits, time = struct.unpack_from("<QQQq", data, 16)
        need(first >= 2, "begin: number")
        self.state = State(data[48:80], first - 1, steps, commits, time)
        return first

    def load(self, first):
        """Bytes of a segment; with an archive, the state that its header promises."""
        plain = f"{first:020d}.ttj"
        if os.path.exists(self.path(plain)):
            return self.bytes_of(plain), None
        data = self.bytes_of(f"{first:020d}.tta")
        need(len(data) > 152 and data[:8] == b"TUTTIJA\0" and u32(data, 148) == crc32c(data[:148]), "archive: header")
        need(u32(data, 8) == 2 and u32(data, 12) == 152 and u64(data, 16) == first, "archive: version or number")
        need(data[88:120] == self.state.chain, "archive: chain value before it")
        frame = data[152:]
        need(len(frame) == u64(data, 136) and u32(data, 144) == crc32c(frame), "archive: frame")
        seq, steps, commits, time = struct.unpack_from("<QQQq", data, 24)
        return unpack(frame, u64(data, 128)), State(data[56:88], seq, steps, commits, time).key()

    def read_segment(self, data, first, is_last, before, archive):
        need(len(data) >= 96 and data[:8] == b"TUTTIJS\0", "segment: magic")
        need(u32(data, 92) == crc32c(data[:92]), "segment: checksum")
        version = u32(data, 8)
        need(version in (1, 2) and version >= before and u32(data, 12) == 96, "segment: version")
        need(data[88:92] == bytes(4) and (version > 1 or data[80:88] == bytes(8)), "segment: zeros")
        number, steps, commits, time = struct.unpack_from("<QQQq", data, 16)
        need(number == first, "segment: another name")
        need((data[48:80], number - 1, steps, commits, time) == self.state.key(), "segment: does not continue")
        at = 96
        while True:
            batch = self.find_batch(data, at, version)
            if batch is None:
                need(is_last and archive is None, "segment: ends without its seal")
                self.judge_tail(data, at, version)
                return version, False
            at, flags = self.take_batch(data, at, batch, version)
            if flags & SEALED:
                need(at == len(data), "segment: something follows its seal")
                return version, True

    @staticmethod
    def record_at(data, at, version):
        """(length, type) of a whole and right record; None when there is none."""
        if at + 16 > len(data):
            return None
        length, crc, kind, place = u32(data, at), u32(data, at + 4), data[at + 8], u32(data, at + 12)
        if data[at + 9:at + 12] != bytes(3) or place != at // 16 or at + 16 + length > len(data):
            return None
        if kind == COMMIT:
            fits = length == 80
        else:
            fits = kind == STEP and length % 16 == 0 and 64 <= length <= 8 << 20
        body = data[at + 16:at + 16 + length]
        parts = [data[at:at + 4], data[at + 8:at + 16]]
        right = fits and crc == (crc32c(*parts, body) if version == 1 else crc32c(body, *parts))
        return (length, kind) if right else None

    def find_batch(self, data, at, version):
        """Offsets of the step records up to a commit, and of the commit; None when it is not whole."""
        steps = []
        while True:
            record = self.record_at(data, at, version)
            if record is None:
                return None
            if record[1] == COMMIT:
                return steps, at
            steps.append((at + 16, record[0]))
            at += 16 + record[0]

    def take_batch(self, data, start, batch, version):
        steps, commit = batch
        state = self.state
        before = state.chain
        for at, length in steps:
            self.take_step(data, at, length, version)
            if version == 1:
                state.chain = sha256(state.chain, data[at:at + length])
            state.steps += 1
        state.commits += 1
        seq, count, commits, time = struct.unpack_from("<QQQq", data, commit + 16)
        size, flags = u32(data, commit + 80), u32(data, commit + 84)
        need(data[commit + 88:commit + 96] == b"TTCOMMIT" and flags < 8, "commit: end or flags")
        need((seq, count, commits, time) == (state.seq, state.steps, state.commits, state.time), "commit: counts")
        need(size == commit - start, "commit: bytes")
        need(data[commit + 48:commit + 80] == (state.chain if version == 1 else before), "commit: chain value")
        if version == 2 and size > 0:
            pieces = [sha256(data[at:min(at + PIECE, commit)]) for at in range(start, commit, PIECE)]
            state.chain = sha256(before, *pieces)
        self.closed = bool(flags & CLOSED)
        return commit + 96, flags

    def take_step(self, data, at, length, version):
        end = at + length
        while at < end:
            need(at + 64 <= end, "step: half a message")
            seq, time = struct.unpack_from("<Qq", data, at)
            size = struct.unpack_from("<H", data, at + 52)[0]
            need(seq == self.state.seq + 1, "step: numbers do not continue")
            spare = data[at + 57:at + 64]
            need((spare if version == 1 else spare[:1] + spare[3:]).count(0) == (7 if version == 1 else 5), "step: zeros")
            self.state.seq, self.state.time = seq, time
            self.messages += 1
            at += 64 + size
        need(at == end, "step: half a message")

    def judge_tail(self, data, start, version):
        """What follows the last whole commit: nothing, an unfinished commit, or damage (see the page)."""
        used = len(data.rstrip(b"\0"))
        if used <= start:
            return
        self.torn = True
        at = start
        record = self.record_at(data, at, version)
        while at < used and record is not None:
            at += 16 + record[0]
            record = self.record_at(data, at, version)
        if at >= used:
            return
        for later in range(at + 16, used, 16):
            found = self.record_at(data, later, version)
            if found is not None and found[1] == COMMIT:
                flags = u32(data, later + 84)
                is_next = u64(data, later + 32) == self.state.commits + 1 and u32(data, later + 80) == later - start
                need(is_next and not flags & POOR and used <= later + 96 and has_empty_sector(data, at, later),
                     "a damaged record, and whole commits follow it")
                return
        need(self.is_cut_short(data, at, used), "a damaged record that was written to its end")

    @staticmethod
    def is_cut_short(data, at, used):
        if used - at < 16 or has_empty_sector(data, at, used):
            return True
        length, kind, place = u32(data, at), data[at + 8], u32(data, at + 12)
        fits = length == 80 if kind == COMMIT else kind == STEP and length % 16 == 0 and 64 <= length <= 8 << 20
        if data[at + 9:at + 12] != bytes(3) or place != at // 16 or not fits:
            return False
        end = at + 16 + length
        return end > len(data) or used <= (end - 2 if kind == COMMIT else end)


def has_empty_sector(data, start, end):
    """Some 512-byte sector of the file is all zero as far as it lies between the offsets."""
    while start < end:
        stop = min(end, (start // 512 + 1) * 512)
        if not any(data[start:stop]):
            return True
        start = stop
    return False


def zstd():
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    for name in ("ZSTD_decompress", "ZSTD_compress", "ZSTD_compressBound"):
        getattr(library, name).restype = ctypes.c_size_t
    return library


def unpack(frame, size):
    room = ctypes.create_string_buffer(size + 1)
    got = zstd().ZSTD_decompress(room, ctypes.c_size_t(size + 1), frame, ctypes.c_size_t(len(frame)))
    need(got == size, "archive: the frame does not hold the segment")
    return room.raw[:size]


def pack(plain):
    room = ctypes.create_string_buffer(len(plain) + 4096)
    got = zstd().ZSTD_compress(room, ctypes.c_size_t(len(room)), plain, ctypes.c_size_t(len(plain)), 3)
    return room.raw[:got]


# ---- the tests ----

def run(tutti, *arguments, expect=0):
    done = subprocess.run([tutti, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def expect_damage(folder, what):
    try:
        reader = Reader(folder)
    except (Damage, FileNotFoundError):
        return
    raise AssertionError(f"{what}: not found (torn {reader.torn})")


def check_flips(folder, count, seed):
    """A changed byte anywhere, in the used part of any file, is found by this reader."""
    choose = random.Random(seed)
    names = [name for name in sorted(os.listdir(folder)) if name != "lock"]
    for _ in range(count):
        name = choose.choice(names)
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = file.read()
        at = choose.randrange(len(data.rstrip(b"\0")))
        write_byte(path, at, data[at] ^ 1 << choose.randrange(8))
        expect_damage(folder, f"byte {at} of {name}")
        write_byte(path, at, data[at])


def write_byte(path, at, value):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(bytes([value]))


def check_files(folder):
    """A segment that is gone, swapped or cut before the last is found."""
    names = sorted(name for name in os.listdir(folder) if name.endswith((".ttj", ".tta")))
    for i, name in enumerate(names[:-1]):
        path = os.path.join(folder, name)
        os.rename(path, path + ".away")
        expect_damage(folder, f"{name} deleted")
        shutil.copy(os.path.join(folder, names[i + 1]), path)
        expect_damage(folder, f"{name} is a copy of the next")
        with open(path + ".away", "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(data[:-96])
        expect_damage(folder, f"{name} without its seal")
        os.rename(path + ".away", path)


def archive_all(folder):
    """Moves each segment but the last into an archive, as the page says."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".ttj"))
    headers = []
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            headers.append(file.read(96))
    for name, own, following in zip(names, headers, headers[1:]):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            plain = file.read()
        frame = pack(plain)
        first, steps, commits, time = struct.unpack_from("<QQQq", following, 16)
        head = struct.pack("<8sIIQQQQq32s32sqQQI", b"TUTTIJA\0", 2, 152, u64(own, 16), first - 1, steps, commits,
                           time, following[48:80], own[48:80], 0, len(plain), len(frame), crc32c(frame))
        with open(path[:-1] + "a", "wb") as file:
            file.write(head + struct.pack("<I", crc32c(head)) + frame)
        os.remove(path)


def check_run(tutti, folder):
    """Of this release: what the program wrote, flipped, cut, archived."""
    config = os.path.join(folder, "config.yaml")
    with open(config, "w", encoding="utf-8") as file:
        file.write("run: {id: r, name: reader}\nfeed: {kind: synthetic}\nsynthetic: {ticks: 15000}\n"
                   "instruments: [{symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}]\n"
                   "market: {aggregate_bars: true}\njournal: {durability: none, batch_bytes: 40000, segment_mib: 1}\n")
    out = os.path.join(folder, "out")
    run(tutti, "backtest", config, "--out", out, "--quiet", "--json")
    journal = os.path.join(out, "journal")
    told = json.loads(run(tutti, "verify", out, "--json"))
    reader = Reader(journal)
    assert reader.state.chain.hex() == told["digest"], (reader.state.chain.hex(), told)
    assert reader.messages == told["messages"] and reader.state.seq == told["last_seq"], (reader.messages, told)
    assert reader.closed and not reader.torn
    check_flips(journal, 6, 1)
    archive_all(journal)
    assert sum(name.endswith(".tta") for name in os.listdir(journal)) >= 1
    assert Reader(journal).state.key() == reader.state.key()
    assert json.loads(run(tutti, "verify", out, "--json"))["digest"] == told["digest"]


def check_segments(source, folder):
    """Of version 1, with several segments: read, flipped, swapped, archived."""
    journal = os.path.join(folder, "journal")
    shutil.copytree(os.path.join(source, "tests/data/journal_v1/closed"), journal)
    reader = Reader(journal)
    assert reader.state.steps == 15 and reader.closed and not reader.torn
    check_flips(journal, 120, 2)
    check_files(journal)
    archive_all(journal)
    assert Reader(journal).state.key() == reader.state.key()
    check_flips(journal, 120, 3)
    check_files(journal)


def check_torn(source, folder):
    """A cut in the last commit is an unfinished tail, not damage."""
    journal = os.path.join(folder, "journal")
    shutil.copytree(os.path.join(source, "tests/data/journal_v1/closed"), journal)
    whole = Reader(journal).state
    last = os.path.join(journal, sorted(name for name in os.listdir(journal) if name.endswith(".ttj"))[-1])
    size = os.path.getsize(last)
    for cut in (1, 40, 95):
        os.truncate(last, size - cut)
        reader = Reader(journal)
        assert reader.torn and reader.state.seq == whole.seq and not reader.closed
    os.truncate(last, size - 96)
    assert not Reader(journal).torn


def main():
    tutti, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    assert crc32c(b"123456789") == 0xE3069283
    with tempfile.TemporaryDirectory() as folder:
        check_run(tutti, folder)
    with tempfile.TemporaryDirectory() as folder:
        check_segments(source, folder)
    with tempfile.TemporaryDirectory() as folder:
        check_torn(source, folder)
    backtest = Reader(os.path.join(source, "tests/data/journal_v1/backtest"))
    assert backtest.state.chain.hex().startswith("f97ae97aef3a74a0") and backtest.messages == 265
    print("journal_reader_test: ok")


if __name__ == "__main__":
    main()
