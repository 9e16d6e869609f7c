/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The core thread: owns the engine. It takes inputs from the rings, steps, hands the step to the
 * journal, and lets an effect that moves money out only when its message is durable.
 */
#ifndef TT_HOST_CORE_THREAD_H
#define TT_HOST_CORE_THREAD_H

#include "agent/agent.h"
#include "host/answers.h"
#include "host/core_watch.h"
#include "host/hub.h"
#include "host/snapshot_box.h"

/** What the core thread works with and owns while it runs. */
typedef struct tt_core_thread {
    tt_hub *hub;
    tt_engine *engine;
    const tt_instruments *instruments;
    tt_snapshot_box *snapshots;
    uint32_t snapshot_steps; /**< Steps between two snapshots; 0 = none. */
    tt_host_numbers host;    /**< Fixed parts; the rest is read from the hub. */
    bool has_interface;      /**< Somebody takes replies_out and events_out. */
    bool closes_at_end;      /**< The end of the data closes what is open. */
    /* Owned by the thread while it runs. */
    tt_ring effects; /**< Venue effects that wait until they are durable or there is room. */
    void *effects_memory;
    tt_time safe;        /**< All market data up to then has been stepped. */
    tt_core_watch watch; /**< Set up before the start. */
    tt_input_record record;
    tt_agent_request request;
    tt_answer_item refused; /**< Answer to a call that found no worker. */
    tt_api_status status;
    bool is_stopping; /**< session_events stopping has been stepped. */
    bool has_ended;   /**< The end of the data has been stepped. */
    uint64_t clock_ticks;
    uint64_t steps_since_snapshot;
    int64_t status_told_ns;
    uint32_t status_count;
    uint32_t next_worker;
} tt_core_thread;

/** @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_core_thread_init(tt_core_thread *core);
void tt_core_thread_fini(tt_core_thread *core);
/** Steps one input and hands out what it caused; for the start and the end of a session.
 * @thread{core} */
void tt_core_thread_step(tt_core_thread *core, const tt_input *input);
/** Hands on the effects that are durable; tells whether one went. @thread{core} */
bool tt_core_thread_release(tt_core_thread *core);
/** Tells whether a person who watches wants to see this message. @thread{any} */
bool tt_is_activity(const tt_msg *msg);
/** Body of the thread; returns when the hub says stop_core and nothing waits. */
void *tt_core_thread_run(void *core);

#endif
