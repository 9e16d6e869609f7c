/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A worker: takes a request, asks the agent, hands the answer to the core.
 */
#include "host/pool_threads.h"

static bool is_abandoned(const tt_pool_worker *worker)
{
    return atomic_load_explicit(&worker->hub->has_failed, memory_order_acquire) != 0;
}

static void answer(tt_pool_worker *worker)
{
    uint8_t agent = worker->request.call.agent;
    TT_ASSERT(agent < TT_agent_COUNT);
    tt_agent_slot_call(
        &worker->agents->slots[agent], worker->instruments, &worker->request, &worker->item);
    worker->item.time = tt_hub_now(worker->hub);
    worker->item.answer.latency.ns = worker->item.time.ns - worker->request.now.ns;
    tt_input input;
    tt_answer_item_input(&worker->item, &input);
    tt_ring *ring = &worker->hub->answers_in[worker->index];
    while (!tt_hub_push_input(ring, &input) && !is_abandoned(worker)) {
        tt_hub_wait_for_room(worker->hub);
    }
}

void *tt_pool_worker_run(void *argument)
{
    tt_pool_worker *worker = argument;
    tt_ring *jobs = &worker->hub->jobs_out[worker->index];
    for (;;) {
        bool is_stopping = atomic_load_explicit(&worker->hub->stop_pool, memory_order_acquire) != 0;
        uint32_t size = 0;
        if (tt_ring_pop(jobs, &worker->request, sizeof worker->request, &size) == TUTTI_OK) {
            _Atomic int64_t *since = &worker->hub->busy_since_ns[worker->index];
            atomic_store_explicit(since, tt_mono_ns(), memory_order_relaxed);
            answer(worker);
            atomic_store_explicit(since, 0, memory_order_relaxed);
        } else if (is_stopping) {
            return NULL;
        } else {
            tt_sleep_ns(TT_IDLE_NS);
        }
        if (is_abandoned(worker)) {
            return NULL;
        }
    }
}
