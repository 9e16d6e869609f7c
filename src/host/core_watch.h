/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch of a session at work: on the thread of the core, between two turns, once in
 * `health.interval`. What has changed becomes inputs, so a replay needs no watch.
 */
#ifndef TT_HOST_CORE_WATCH_H
#define TT_HOST_CORE_WATCH_H

#include "config/config.h"
#include "host/bus_watch.h"
#include "host/watch.h"

struct tt_core_thread;

/** Both watches, and when they look next. */
typedef struct tt_core_watch {
    tt_watch parts;
    tt_bus_watch bus;
    int64_t interval_ns; /**< Real time between two looks; 0 = none. */
    int64_t next_ns;
    bool has_store;
} tt_core_watch;

/** `is_recovered`: the session goes on after an end. @thread{setup} */
void tt_core_watch_init(
    tt_core_watch *watch, const tt_config *config, bool is_recovered, tt_time now, int64_t mono_ns);
/** Looks if it is time, and steps what has changed. `now` is safe event time. */
void tt_core_watch_turn(struct tt_core_thread *core, tt_time now);
/** Fills what a status tells of it. */
void tt_core_watch_fill(const tt_core_watch *watch, const tt_hub *hub, tt_host_numbers *host);

#endif
