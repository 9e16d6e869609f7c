/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How long messages wait in a lane, and how long handlers take. Inside of the bus. The clock is
 * lent by the host; what it says goes into histograms outside of the state and never into a
 * message, so that a replay needs none.
 *
 * One message in `sample_every` is measured: its entry in the lane has a bit set, and the time of
 * its publishing stands in a queue of its own, which has room for every entry of the lane.
 */
#ifndef TT_BUS_BUS_TIMING_H
#define TT_BUS_BUS_TIMING_H

#include "bus/bus_priv.h"

/** Bytes of what is measured, for lanes of `lane_capacity` entries. */
size_t tt_bus_timing_size(uint32_t timings_max, uint32_t lane_capacity);
/** Makes it in zeroed memory of that size. */
void tt_bus_init_timing(tt_bus *bus, uint32_t timings_max, uint32_t lane_capacity, void *memory);
/** Called for a message that is not before `sample_seq`: LANE_TIMED if it is to be measured, 0 if
 * there is no stopwatch. */
uint64_t tt_bus_timing_queued(tt_bus *bus, uint32_t priority);
/** Called when a message with LANE_TIMED is taken from its lane; false when the stopwatch was taken
 * away or changed meanwhile. */
bool tt_bus_timing_taken(tt_bus *bus, uint32_t priority);
/** What the stopwatch says. */
uint64_t tt_bus_timing_now(const tt_bus *bus);
/** Counts a call of a handler, with `msg`, that began at `start`. */
void tt_bus_timing_handled(
    tt_bus *bus, struct subscription *subscription, const tt_msg *msg, uint64_t start);
/** A slot becomes free; so does its histogram. */
void tt_bus_timing_forget(tt_bus *bus, struct subscription *subscription);

#endif
