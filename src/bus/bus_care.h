/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the bus does for a subscriber that fails: try again later, and leave it alone for a while.
 * Inside of the bus. A record belongs to the name of a subscriber; it outlives its
 * subscriptions, and a restart.
 */
#ifndef TT_BUS_BUS_CARE_H
#define TT_BUS_BUS_CARE_H

#include "bus/bus_dead.h"

/** State of one record; part of a region. */
struct care_state {
    uint32_t is_used;
    uint32_t failure_count; /**< In a row. */
    uint32_t is_quarantined;
    uint32_t is_probing; /**< The next message is a trial. */
    uint64_t retried;
    uint64_t skipped; /**< Messages not delivered because of the quarantine. */
    char name[32];
};

/** Policy of one record; wiring. */
struct care_policy {
    tt_bus_retry retry;
    uint32_t quarantine_after;
    int64_t probe_ns;
};

/** Finds the record of a subscriber; 0 if there is none, otherwise its number plus one. */
uint32_t tt_bus_find_care(const tt_bus *bus, const char *name);
/** Lets all subscriptions know their records, after these were read from a snapshot. */
void tt_bus_link_cares(tt_bus *bus);
/** Tells whether a message may go to a subscriber with this record; counts it if not. */
bool tt_bus_may_deliver(tt_bus *bus, uint32_t care);
/** Draws the consequences of a delivery that has failed: waits, or buries the message. */
void tt_bus_care_failure(tt_bus *bus, uint32_t care, tt_bus_failure *failure);
/** And of one that went well. */
void tt_bus_care_success(tt_bus *bus, uint32_t care);
/** Ends a quarantine after a trial that went well; waits for the next one otherwise. */
void tt_bus_care_trial(tt_bus *bus, uint32_t care, bool has_succeeded);
/** Delivers the message of a retry whose turn has come. */
void tt_bus_retry_queued(tt_bus *bus, uint32_t number);
/** A timer of a retry or of a trial has fired. */
void tt_bus_care_timer(tt_bus *bus, uint32_t kind, uint64_t subject);
/** Bytes of the records; with the retries, of the region. */
size_t tt_bus_care_size(const tt_bus_options *full);
/** Gives the bus its records and timers. */
void tt_bus_init_care(tt_bus *bus, const tt_bus_options *full, void *memory);

#endif
