/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The windows of all topics and subscriptions. Inside of the bus. They are no state: after a
 * restart they begin anew.
 */
#ifndef TT_BUS_BUS_RECENT_H
#define TT_BUS_BUS_RECENT_H

#include "bus/bus_priv.h"

/** Bytes of the marks. */
size_t tt_bus_recent_size(uint32_t topics_max, uint32_t subscriptions_max);
/** Makes windows of `window_ms` in zeroed memory of that size. */
void tt_bus_init_recent(tt_bus *bus, uint32_t window_ms, void *memory);
/** Called at the first step in a new part: writes the totals down, before anything changes. */
void tt_bus_recent_advance(tt_bus *bus);
/** The counters were read from a snapshot: nothing has happened since. */
void tt_bus_recent_restart(tt_bus *bus);
/** The slot of a subscription becomes free. */
void tt_bus_recent_forget(tt_bus *bus, uint32_t slot);

#endif
