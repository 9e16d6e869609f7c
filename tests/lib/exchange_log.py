# SPDX-License-Identifier: Apache-2.0
"""The log that the simulated exchange keeps of itself, which the engine never reads, held against the journal."""
import collections
import os
import struct

from crc32c import crc32c

TRANSFER = 10  # A kind of record: cash was paid in or taken out.
FINAL = {"filled", "cancelled", "rejected", "expired", "failed"}
SCALE = 10**18


def signed(low, high):
    return low | (high << 64) if high < 1 << 63 else (low | (high << 64)) - (1 << 128)


def read(path):
    """Orders (client ids, in order) and executed quantity by client id, from the exchange's own log."""
    orders, executed, executions = [], collections.Counter(), 0
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at + 32 <= len(data):
        size, _, kind, _, _, _ = struct.unpack_from("<IIIIQq", data, at)
        body = at + 32
        if body + size > len(data):
            break
        if kind == 2:
            orders.append(data[body + 144 : body + 192].split(b"\0")[0].decode())
        elif kind == 4:
            (index,) = struct.unpack_from("<I", data, body + 24)
            executed[orders[index]] += signed(*struct.unpack_from("<QQ", data, body + 64))
            executions += 1
        at = body + size
    return orders, executed, executions


def transfer(path, amount, currency="USDT"):
    """Pays cash in (amount in 10^-18) or takes it out while the exchange is down. It does not tell of it: its balance shows it."""
    with open(path, "rb") as file:
        data = file.read()
    at, count = 0, 0
    while at + 32 <= len(data):
        size, _, kind, draws, position, time = struct.unpack_from("<IIIIQq", data, at)
        if at + 32 + size > len(data):
            break
        count += kind == TRANSFER
        at += 32 + size
    body = struct.pack("<QQQqQ8x16sI12x", amount & (1 << 64) - 1, amount >> 64 & (1 << 64) - 1, count + 1, time, 0,
                       currency.encode(), 0)
    head = struct.pack("<IIQq", TRANSFER, draws, position, time)
    crc = crc32c(struct.pack("<I", len(body)), head, body)
    with open(path, "r+b") as file:
        file.truncate(at)  # What a kill left half-written is cut off when it is opened, too.
        file.seek(at)
        file.write(struct.pack("<II", len(body), crc) + head + body)


def units(text):
    """A decimal text as a whole number of 10^-18."""
    whole, _, part = text.partition(".")
    return int(whole) * SCALE + int((part + "0" * 18)[:18]) * (-1 if whole.startswith("-") else 1)


def compare(folder, intents, fills, events):
    """Raises AssertionError unless no order is there twice, none that the journal does not know, and every execution is booked
    once. The lists are messages of order_intents, fills and execution_events. Returns orders and executions."""
    orders, executed, executions = read(os.path.join(folder, "exchange.log"))
    known = {m["payload"]["client_order_id"]: m for m in intents}
    assert len(known) == len(intents), "two intents carry the same key"
    assert len(set(orders)) == len(orders), "the exchange has an order twice"
    unknown = set(orders) - set(known)
    assert not unknown, f"the exchange has orders that the journal does not know: {sorted(unknown)[:5]}"
    state = {m["payload"]["client_order_id"]: m["payload"]["new_state"] for m in events}
    booked, seen = collections.Counter(), set()
    by_id = {m["payload"]["order_id"]: key for key, m in known.items()}
    for message in fills:
        booked[by_id[message["payload"]["order_id"]]] += units(message["payload"]["qty"])
        assert message["payload"]["exec_id"] not in seen, f"an execution is booked twice: {message}"
        seen.add(message["payload"]["exec_id"])
    for key in known:
        is_settled = booked[key] == executed[key] or (state.get(key) not in FINAL and booked[key] < executed[key])
        assert is_settled, f"{key} ({state.get(key)}): booked {booked[key]}, executed {executed[key]}"
    assert 0 < executions and len(seen) <= executions, f"{len(seen)} executions are booked, the exchange had {executions}"
    return len(orders), executions
