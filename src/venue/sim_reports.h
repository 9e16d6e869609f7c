/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reports on their way to the client: handed out by time, and in the order of their making among
 * those of one time. A heap of numbers over a pool of values.
 */
#ifndef TT_VENUE_SIM_REPORTS_H
#define TT_VENUE_SIM_REPORTS_H

#include "venue/venue.h"

/** Place of a report in the heap. */
typedef struct tt_sim_report_key {
    int64_t time_ns;
    uint64_t seq;
    uint32_t slot;
    uint32_t reserved;
} tt_sim_report_key;

/** The queue. Zeroed memory is an empty one. */
typedef struct tt_sim_reports {
    tt_venue_output *slots;
    tt_sim_report_key *heap;
    uint32_t *free_slots;
    uint32_t capacity;
    uint32_t count;
    uint64_t next_seq;
} tt_sim_reports;

/** Adds a report. @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status
tt_sim_reports_push(tt_sim_reports *reports, const tt_venue_output *output);
/** Time of the first report; TT_TIME_NEVER. */
tt_time tt_sim_reports_next(const tt_sim_reports *reports);
/** Takes the first report if its time is at or before `now`. */
bool tt_sim_reports_pop(tt_sim_reports *reports, tt_time now, tt_venue_output *ret_output);
/** Drops all; returns how many there were. */
uint32_t tt_sim_reports_reset(tt_sim_reports *reports);
/** Gives the memory back. */
void tt_sim_reports_fini(tt_sim_reports *reports);

#endif
