#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bus from Python, without anything to install but libtutti: typed topics, a rule in Python,
dead letters, a log of everything, which is read back at the end.

    python3 bus_python.py FOLDER          (TUTTI_LIBRARY names the library if it is elsewhere)

Rules that ctypes does not know by itself:
- Structs are those of tutti/bus.h, zero is every default; payloads are JSON (tutti/text.h).
- Keep what you handed over (callbacks, texts) as long as the bus lives: `self.kept` below.
- A message is lent for the call: read it there. One that a handler keeps is a copy (a dict).
- An exception in a handler must become a status, or ctypes prints it and the bus takes it for TUTTI_OK.
"""
import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_int64, c_size_t, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from decimal import Decimal

LIB = ctypes.CDLL(os.environ.get("TUTTI_LIBRARY", "libtutti.so.0.1"))
LIB.tutti_status_text.restype = c_char_p
OK, IO, END = 0, 8, 16  # of tutti/status.h
JSON_MAX = 16384


class Error(ctypes.Structure):
    _fields_ = [("status", c_int), ("message", ctypes.c_char * 480), ("hint", ctypes.c_char * 320)]


class BusOptions(ctypes.Structure):
    _fields_ = [("journal", c_char_p), ("durability", c_int)] + [(name, c_uint32) for name in (
        "topics_max", "sources_max", "topic_bytes", "subscriptions_max", "step_bytes", "queue_messages", "depth_max",
        "ttl_default_ms", "dead_letters_max", "idempotency_max", "retries_max", "requests_max", "blocked_max",
        "quarantine_after", "probe_ms", "window_ms", "timing_every", "inbox_bytes")] + [("keep_expired", c_bool)]


class TopicOptions(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("schema", c_char_p)] + [(name, c_uint32) for name in (
        "history_count", "history_bytes", "key_max", "ttl_ms", "rate_per_s", "burst")] + [
            ("kind", c_uint8), ("priority", c_uint8)]


HANDLER = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p)


class Subscription(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("topic", c_uint16), ("pattern", c_char_p), ("handler", HANDLER), ("ctx", c_void_p),
                ("filter", c_void_p), ("reply", c_void_p), ("key", c_uint32), ("source", c_uint16),
                ("priority_min", c_uint8), ("address", c_uint16), ("wants_latest", c_bool), ("retry", c_void_p),
                ("quarantine_after", c_uint32), ("probe_ns", c_int64)]


class Post(ctypes.Structure):
    _fields_ = [("topic", c_uint16), ("source", c_uint16), ("key", c_uint32), ("payload", c_void_p), ("size", c_uint32),
                ("ttl_ms", c_uint32), ("target", c_uint16), ("priority", c_uint8), ("cause", c_uint64),
                ("correlation", c_uint8 * 16), ("idempotency", c_uint8 * 16)]


class Dead(ctypes.Structure):
    _fields_ = [("id", c_uint64), ("message", c_void_p), ("reason", c_char_p), ("handler", ctypes.c_char * 32),
                ("attempts", c_uint32), ("text", ctypes.c_char * 160), ("first_failure_ns", c_int64),
                ("last_failure_ns", c_int64), ("is_of_mailbox", c_bool)]


for function, types in {  # what is no int must be told
        "tutti_bus_new": [POINTER(BusOptions), POINTER(c_void_p), POINTER(Error)],
        "tutti_bus_free": [c_void_p],
        "tutti_bus_declare_topic": [c_void_p, POINTER(TopicOptions), POINTER(c_uint16), POINTER(Error)],
        "tutti_bus_declare_source": [c_void_p, c_char_p, POINTER(c_uint16), POINTER(Error)],
        "tutti_bus_subscribe": [c_void_p, POINTER(Subscription), POINTER(c_uint64), POINTER(Error)],
        "tutti_bus_publish": [c_void_p, POINTER(Post), POINTER(c_uint64)],
        "tutti_bus_dead_next": [c_void_p, c_uint64, POINTER(Dead)],
        "tutti_bus_dead_redrive": [c_void_p, c_uint64],
        "tutti_bus_to_json": [c_void_p, c_void_p, c_char_p, c_size_t],
        "tutti_bus_from_json": [c_void_p, c_uint16, c_char_p, c_size_t, c_void_p, c_uint32, POINTER(c_uint32),
                                POINTER(Error)],
        "tutti_journal_reader_open": [c_char_p, POINTER(c_void_p), POINTER(Error)],
        "tutti_journal_reader_next": [c_void_p, POINTER(c_void_p), POINTER(Error)],
        "tutti_journal_reader_to_json": [c_void_p, c_void_p, c_char_p, c_size_t],
        "tutti_journal_reader_close": [c_void_p]}.items():
    getattr(LIB, function).argtypes = types
LIB.tutti_bus_dead_next.restype = c_bool


def check(status, error=None):
    if status != OK:
        words = f"{error.message.decode()} ({error.hint.decode()})" if error and error.message else ""
        raise RuntimeError(words or LIB.tutti_status_text(status).decode())


class Bus:
    """One bus; the thread that makes it owns it."""

    def __init__(self, journal):
        self.bus, self.kept, self.error = c_void_p(), [], Error()
        options = BusOptions(journal=journal.encode(), durability=1)
        check(LIB.tutti_bus_new(byref(options), byref(self.bus), byref(self.error)), self.error)

    def topic(self, name, schema, **options):
        number, wanted = c_uint16(), TopicOptions(name=name.encode(), schema=schema.encode(), **options)
        check(LIB.tutti_bus_declare_topic(self.bus, byref(wanted), byref(number), byref(self.error)), self.error)
        return number.value

    def source(self, name):
        number = c_uint16()
        check(LIB.tutti_bus_declare_source(self.bus, name.encode(), byref(number), byref(self.error)), self.error)
        return number.value

    def subscribe(self, name, pattern, handler):
        """Calls handler(dict); an exception in it is a failed delivery: a dead letter."""
        def call(_ctx, _bus, message):
            try:
                handler(self.read(message))
                return OK
            except Exception as problem:  # nothing may fly through C
                print(f"{name}: {problem}")
                return IO
        callback, number = HANDLER(call), c_uint64()
        self.kept.append(callback)
        wanted = Subscription(name=name.encode(), pattern=pattern.encode(), handler=callback)
        check(LIB.tutti_bus_subscribe(self.bus, byref(wanted), byref(number), byref(self.error)), self.error)

    def read(self, message):
        text = ctypes.create_string_buffer(JSON_MAX)
        check(LIB.tutti_bus_to_json(self.bus, message, text, JSON_MAX))
        return json.loads(text.value)

    def publish(self, topic, source, **fields):
        """Decimals are texts, "12.50": no reader and no writer changes a digit."""
        words, payload = json.dumps(fields).encode(), ctypes.create_string_buffer(4032)
        size, seq = c_uint32(), c_uint64()
        check(LIB.tutti_bus_from_json(self.bus, topic, words, len(words), payload, 4032, byref(size), byref(self.error)),
              self.error)
        post = Post(topic=topic, source=source, payload=ctypes.addressof(payload), size=size)
        check(LIB.tutti_bus_publish(self.bus, byref(post), byref(seq)))
        return seq.value

    def dead_letters(self):
        dead = Dead()
        while LIB.tutti_bus_dead_next(self.bus, dead.id, byref(dead)):
            yield dead.id, dead.handler.decode(), self.read(dead.message)

    def redrive(self, number):
        check(LIB.tutti_bus_dead_redrive(self.bus, number))

    def close(self):
        LIB.tutti_bus_free(self.bus)


def read_log(folder):
    """All messages of a log as dicts, also while another program writes it."""
    reader, message, error = c_void_p(), c_void_p(), Error()
    check(LIB.tutti_journal_reader_open(folder.encode(), byref(reader), byref(error)), error)
    text = ctypes.create_string_buffer(JSON_MAX)
    while (status := LIB.tutti_journal_reader_next(reader, byref(message), byref(error))) == OK:
        check(LIB.tutti_journal_reader_to_json(reader, message, text, JSON_MAX))
        yield json.loads(text.value)
    LIB.tutti_journal_reader_close(reader)
    if status != END:
        check(status, error)


def main(folder):
    bus = Bus(folder)
    trades = bus.topic("shop.trades", "price:price qty:qty side:enum(buy,sell)", history_count=100)
    alarms = bus.topic("shop.alarms", "text:text[64]")
    desk = bus.source("desk")
    limit = {"qty": 5}

    def check_size(message):
        trade = message["payload"]
        if Decimal(trade["qty"]) > limit["qty"]:
            raise ValueError(f"{trade['qty']} is more than {limit['qty']}")
        if Decimal(trade["price"]) < 100:
            bus.publish(alarms, desk, text=f"cheap: {trade['price']}")  # queued: this handler ends first

    bus.subscribe("check", "shop.t*", check_size)
    bus.subscribe("print", "shop.alarms", lambda message: print("alarm:", message["payload"]["text"]))
    bus.publish(trades, desk, price="101.25", qty="2", side="buy")
    bus.publish(trades, desk, price="99.5", qty="3", side="sell")
    bus.publish(trades, desk, price="98", qty="7", side="sell")
    limit["qty"] = 10
    for number, handler, message in bus.dead_letters():
        print(f"again to {handler}: {message['payload']['qty']} at {message['payload']['price']}")
        bus.redrive(number)
    try:
        bus.publish(trades, desk, price="98", qty="7", side="hold")
    except RuntimeError as problem:
        print("refused:", problem)
    bus.close()
    for message in read_log(folder):
        if message["topic"].startswith("shop."):
            print(message["topic"], message["payload"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bus_python.py FOLDER")
    main(sys.argv[1])
