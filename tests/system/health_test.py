#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a session tells of the parts outside its core: health_test.py TUTTI CONFIG.

A feed of which one symbol falls silent and comes back; every measure in the interface, the metrics, at the terminal; a limit
that is reached at once; limits that contradict each other.

Covers: host/watch.c host/core_watch.c host/bus_watch.c api/api_health.c
"""
import json
import os
import re
import tempfile

import api_test
from api_test import CONFIG, Session, run, wait_for

MEASURES = ["feed_age", "venue_answer", "venue_failures", "journal_lag", "journal_flush", "store_lag", "pool_wait", "memory"]
START = 1704067200
MINUTE = 60


def write_bars(path):
    """Bars of 40 minutes, none for 20 minutes, and a day of them after that."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("timestamp,open,high,low,close,volume\n")
        for minute in [*range(0, 40), *range(60, 1440)]:
            file.write(f"{(START + minute * MINUTE) * 1000},100,101,99,100.5,5\n")


def write_config(path, data):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""run: {{id: silence, name: silence}}
clock: {{speed: 600}}
feed: {{kind: csv_bars, path: {data}}}
health: {{interval: 0.02}}
api: {{limit_default: 0}}
instruments:
  - {{symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}}
coordinator:
  degradation: {{outage_hold: 60}}
  schedules:
    ta_analysis: {{enabled: false}}
    regime_detection: {{enabled: false}}
    trading_decision: {{enabled: false}}
    portfolio_check: {{enabled: false}}
""")


def topic(session, name):
    text = run("journal", "dump", os.path.join(session.out, "journal"), "--topic", name, "--json")
    return [json.loads(line) for line in text.splitlines()]


def test_silence(folder):
    """Warn after 3 bars, critical after 10, well again with the first bar after 20 minutes; the level follows."""
    data, config = os.path.join(folder, "bars.csv"), os.path.join(folder, "silence.yaml")
    write_bars(data)
    write_config(config, data)
    api_test.CONFIG = config
    session = Session(folder)
    wait_for(lambda: session.get("/api/v1/health", session.token)[2]["level"] == "critical")
    wait_for(lambda: session.get("/api/v1/coordinator/status", session.token)[2]["degradation_level"] == "limited")
    text = run("status", "--out", session.out)
    assert "health critical" in text and text.endswith("\nalerts: none\n"), text
    text = session.get("/metrics", session.token)[2]
    assert 'tutti_health_level{measure="feed_age"} 2' in text and 'tutti_feed_age_ns{symbol="BTC/USDT"} ' in text, text
    wait_for(lambda: session.get("/api/v1/health", session.token)[2]["level"] == "ok")
    wait_for(lambda: session.get("/api/v1/coordinator/status", session.token)[2]["degradation_level"] == "normal")
    session.stop()
    reports = [item for item in topic(session, "health_reports") if item["payload"]["measure"] == "feed_age"]
    words = [(item["payload"]["part"], item["payload"]["level"], item["payload"]["is_up"]) for item in reports[:3]]
    assert words == [("feed", "warn", True), ("feed", "critical", False), ("feed", "ok", True)], reports
    assert [item["payload"]["limit"] for item in reports[:3]] == [180 * 10**9, 600 * 10**9, 600 * 10**9], reports
    assert 180 * 10**9 <= reports[0]["payload"]["value"] < 600 * 10**9 <= reports[1]["payload"]["value"], reports
    events = [item["payload"]["event"] for item in topic(session, "system_events")]
    assert events.count("part_down") >= 1 and events.count("part_up") >= 1 and "degradation_recovery" in events, events
    run("verify", session.out)


def test_measures(folder):
    api_test.CONFIG = CONFIG
    session = Session(folder, "api.limit_default=0", "health.interval=0.02", "health.memory_warn_mib=1", "health.memory_critical_mib=1")
    wait_for(lambda: session.get("/api/v1/health", session.token)[2]["level"] == "critical")
    health = session.get("/api/v1/health", session.token)[2]
    rows = {row["name"]: row for row in health["measures"]}
    assert list(rows) == MEASURES, health
    assert rows["memory"]["level"] == "critical" and rows["memory"]["value"] > 2**20, rows
    assert rows["journal_flush"]["warn"] == 10**9 and rows["journal_flush"]["critical"] == 0, rows
    assert len(health["queues"]) == 12 and health["alerts"] == [], health
    assert set(health["feed_age_ns"]) == {"BTC/USDT", "ETH/USDT", "SOL/USDT"}, health
    # Memory is told to people, and nothing stops by it.
    assert session.get("/api/v1/coordinator/status", session.token)[2]["degradation_level"] == "normal"
    wait_for(lambda: next(row for row in session.get("/api/v1/health", session.token)[2]["queues"]
                          if row["name"] == "market_in")["high_water"] > 0)
    text = session.get("/metrics", session.token)[2]
    for line in ('tutti_queue_bytes{queue="steps_out"} ', 'tutti_bus_alert{alert="queue_fill"} 0', "tutti_calls_refused_total 0"):
        assert line in text, line
    both = json.loads(run("status", "--json", "--out", session.out))
    assert both["health"]["level"] == "critical", both
    session.stop()
    reports = [item["payload"] for item in topic(session, "health_reports")]
    assert [report["part"] for report in reports] == ["memory"], reports
    assert reports[0]["failures"] == 1 and reports[0]["is_up"] is False, reports


def test_alert(folder):
    """A limit of the monitor that is reached at once: raised once, as an input, and shown."""
    api_test.CONFIG = CONFIG
    session = Session(folder, "api.limit_default=0", "health.interval=0.02", "health.bus.handler_mean=0.000001",
                      "health.bus.handler_max=0.000001")
    wait_for(lambda: "handler_time_max" in session.get("/api/v1/health", session.token)[2]["alerts"])
    assert 'tutti_bus_alert{alert="handler_time_max"} 1' in session.get("/metrics", session.token)[2]
    text = run("status", "--out", session.out)
    assert re.search(r"^alerts: (handler_time_mean, )?handler_time_max$", text, re.M), text
    session.stop()
    alerts = [item["payload"] for item in topic(session, "bus_alerts")]
    longest = [alert for alert in alerts if alert["alert"] == "handler_time_max"]
    assert longest[0]["is_raised"] is True and longest[0]["limit"] == 1000 and longest[0]["value"] > 1000, alerts
    assert len(longest) == 1, longest
    run("verify", session.out)


def test_limits():
    text = run("config", "check", CONFIG, "--set", "health.venue_warn=40", status=3)
    assert "health.venue_warn is 40" in text and "health.venue_critical is 30" in text, text
    run("config", "check", CONFIG, "--set", "health.venue_warn=40", "--set", "health.venue_critical=0")


def main():
    for test in (test_silence, test_measures, test_alert):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            test(folder)
            print(f"ok: {test.__name__}")
    test_limits()


if __name__ == "__main__":
    main()
