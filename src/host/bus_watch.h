/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The monitor of a session's bus: the judgement of src/mailbox/monitor.h on what the bus has
 * counted, on the handler times that its stopwatch took, and on how full the rings between the
 * threads are. One owner: the thread of the core.
 */
#ifndef TT_HOST_BUS_WATCH_H
#define TT_HOST_BUS_WATCH_H

#include "host/hub.h"
#include "mailbox/monitor.h"

typedef struct tt_bus_watch {
    const tt_bus_health_config *config;
    tt_monitor judge;
    tt_monitor_topics topics;
    tt_monitor_times times;
    bool has_begun;
} tt_bus_watch;

/** @borrows{while it lives} */
void tt_bus_watch_init(tt_bus_watch *watch, const tt_bus_health_config *config, int64_t mono_ns);
/** Looks once; writes what has changed, and returns how many. `times`: what handlers took since the
 * last look; `mono_ns`: real time. */
uint32_t tt_bus_watch_look(
    tt_bus_watch *watch,
    const tt_bus *bus,
    const tt_bus_recent_times *times,
    const tt_hub *hub,
    int64_t mono_ns,
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX]);

#endif
