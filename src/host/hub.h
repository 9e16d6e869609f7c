/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the threads of a session share: bounded rings of values, and a few atomic numbers. Nothing
 * else.
 *
 *     | ring        | producer | consumer | when it is full                                   |
 *     | market_in   | market   | core     | the market thread waits, and drains its effects   |
 *     | answers_in  | worker i | core     | the worker waits                                  |
 *     | commands_in | net, main| core     | the command is refused                            |
 *     | steps_out   | core     | journal  | the core waits: nothing happens unrecorded        |
 *     | venue_out   | core     | market   | the effect stays with the core until there is room|
 *     | jobs_out    | core     | worker i | the call is answered with an error                |
 *     | status_out  | core     | net      | the copy is dropped, counted: a newer one follows |
 *     | replies_out | core     | net      | dropped, counted: who asked is told to ask later  |
 *     | events_out  | core     | net      | the event is dropped and counted                  |
 *     | activity_out| core     | main     | the line is dropped and counted                   |
 */
#ifndef TT_HOST_HUB_H
#define TT_HOST_HUB_H

#include "api/api.h"
#include "base/ring.h"
#include "engine/engine.h"
#include "host/dead_box.h"
#include "host/paper_clock.h"

#include <stdatomic.h>

#define TT_POOL_WORKERS 2
/** A message in aligned memory, copied out of a ring. */
typedef tt_api_msg tt_msg_copy;

/** An input on its way to the core. */
typedef struct tt_input_record {
    _Alignas(16) tt_time time;
    tt_seq cause;
    tt_uuid correlation;
    uint32_t key;
    uint16_t topic;
    uint16_t source;
    uint32_t payload_size;
    uint32_t reserved;
    unsigned char payload[TT_PAYLOAD_MAX];
} tt_input_record;

typedef struct tt_hub {
    tt_paper_clock clock; /**< Read-only after the start. */
    tt_ring market_in;
    tt_ring answers_in[TT_POOL_WORKERS];
    tt_mpsc commands_in;
    tt_ring steps_out;
    tt_ring venue_out;
    tt_ring jobs_out[TT_POOL_WORKERS];
    tt_ring status_out;
    tt_ring replies_out; /**< coordinator_commands and command_replies. */
    tt_ring events_out;  /**< What a stream may tell. */
    tt_ring activity_out;
    void *memory;
    _Atomic int64_t market_ns; /**< Event time up to which market data has been delivered. */
    _Atomic uint64_t durable_seq;
    _Atomic uint64_t stored_seq;
    _Atomic uint64_t store_failures; /**< Attempts to write the read model that failed. */
    _Atomic int store_down;          /**< The read model does not follow. */
    _Atomic int64_t market_beat_ns;  /**< Real time when the market thread came round last. */
    _Atomic int64_t flush_ns;        /**< Real time that the last commit took. */
    _Atomic uint64_t pending_bytes;  /**< Steps appended, but not committed. */
    _Atomic int64_t busy_since_ns[TT_POOL_WORKERS]; /**< Real time; 0: it has no call. */
    _Atomic uint64_t calls_refused;                 /**< Agent calls that found no worker. */
    _Atomic uint64_t steps;
    _Atomic uint64_t commits;
    _Atomic uint64_t dropped_activity;
    _Atomic uint64_t dropped_status;
    _Atomic uint64_t dropped_events; /**< Of replies_out and events_out. */
    _Atomic uint64_t full_waits;
    tt_dead_box dead_letters; /**< Questions of the interface. */
    _Atomic int
        stop_market; /**< Each stage of an orderly stop has its own flag, set in this order. */
    _Atomic int entries_withdrawn; /**< The core was told to stop, no entry works any more, and what
                                      the end of the data closes is closed. */
    _Atomic int stop_pool;
    _Atomic int stop_core;
    _Atomic int stop_journal;
    _Atomic int stop_store;
    _Atomic int stop_retain;
    _Atomic int has_failed; /**< A thread cannot go on; the session must stop. */
    _Atomic int data_ended;
} tt_hub;

/** Takes memory for all rings. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_hub_init(tt_hub *hub);
void tt_hub_fini(tt_hub *hub);

/** Event time for everything but market data: the paper clock, but never ahead of the market data
 * that has been delivered. A stall makes the session slower; it never makes data late. @thread{any}
 */
tt_time tt_hub_now(const tt_hub *hub);
/** Puts an input into a ring; false when it is full. */
bool tt_hub_push_input(tt_ring *ring, const tt_input *input);
/** As tt_hub_push_input, into a ring of several producers. */
bool tt_hub_push_command(tt_mpsc *ring, const tt_input *input);
/** Takes the oldest input; false when there is none. The input borrows `record`. */
bool tt_hub_pop_input(tt_ring *ring, tt_input_record *record, tt_input *ret_input);
bool tt_hub_pop_command(tt_mpsc *ring, tt_input_record *record, tt_input *ret_input);
/** Writes a row for each ring; returns how many. @thread{any} */
uint32_t tt_hub_rings(const tt_hub *hub, tt_ring_row rows[TT_RING_ROWS_MAX]);
/** Counts a wait for room, and waits a moment. */
void tt_hub_wait_for_room(tt_hub *hub);
/** A moment in which a thread without work sleeps: real nanoseconds. */
#define TT_IDLE_NS (200 * TT_NS_PER_US)

#endif
