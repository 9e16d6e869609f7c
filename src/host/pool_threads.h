/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The pool: workers that answer agent calls, one job at a time each.
 */
#ifndef TT_HOST_POOL_THREADS_H
#define TT_HOST_POOL_THREADS_H

#include "agent/agent.h"
#include "host/answers.h"
#include "host/hub.h"

/** One worker. The agents are shared by all workers: their slots must allow calls at the same time.
 */
typedef struct tt_pool_worker {
    tt_hub *hub;
    const tt_agents *agents;
    const tt_instruments *instruments;
    uint32_t index;
    /* Owned by the thread while it runs. */
    tt_agent_request request;
    tt_answer_item item;
} tt_pool_worker;

/** Body of the thread; returns when the hub says stop_pool and no job waits. */
void *tt_pool_worker_run(void *worker);

#endif
