# SPDX-License-Identifier: Apache-2.0
"""NautilusTrader's message bus as its Python users call it: publish to one handler, in ns.

Prints "TOPICS ns" for one topic and for 1,024 in turn. Payloads go by reference: nothing is copied or kept.
"""
import time

from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.model.identifiers import TraderId

PUBLISHES = 200_000


def measure(topics):
    bus = MessageBus(trader_id=TraderId("BENCH-001"), clock=TestClock())
    seen = []
    names = [f"data.quotes.{number}" for number in range(topics)]
    for name in names:
        bus.subscribe(topic=name, handler=seen.append)
    order = [names[number % topics] for number in range(PUBLISHES)]
    start = time.perf_counter_ns()
    for number, name in enumerate(order):
        bus.publish(topic=name, msg=number)
    ns = (time.perf_counter_ns() - start) / PUBLISHES
    assert seen == list(range(PUBLISHES)), "the handler did not see what was published"
    return ns


for count in (1, 1024):
    measure(count)  # warm
    print(count, f"{measure(count):.1f}")
