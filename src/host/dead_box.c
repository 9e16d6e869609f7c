/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A page of dead letters, from the core to the interface.
 */
#include "host/dead_box.h"

#include "host/paper_clock.h"

#define LOOK_NS (200 * TT_NS_PER_US)

void tt_dead_box_answer(tt_dead_box *box, const tt_engine *engine)
{
    if (atomic_load_explicit(&box->state, memory_order_acquire) != TT_DEAD_BOX_ASKED) {
        return;
    }
    tt_engine_dead_page_get(engine, box->before, box->limit, &box->page);
    atomic_store_explicit(&box->state, TT_DEAD_BOX_ANSWERED, memory_order_release);
}

static bool wait_for_answer(tt_dead_box *box)
{
    int64_t limit_ns = tt_mono_ns() + TT_DEAD_BOX_WAIT_NS;
    while (atomic_load_explicit(&box->state, memory_order_acquire) == TT_DEAD_BOX_ASKED) {
        if (tt_mono_ns() >= limit_ns) {
            return false;
        }
        tt_sleep_ns(LOOK_NS);
    }
    return true;
}

bool tt_dead_box_ask(
    tt_dead_box *box, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page)
{
    if (!wait_for_answer(box)) { // to an earlier question, which nobody waits for any more
        return false;
    }
    box->before = before;
    box->limit = limit;
    atomic_store_explicit(&box->state, TT_DEAD_BOX_ASKED, memory_order_release);
    if (!wait_for_answer(box)) {
        return false;
    }
    *ret_page = box->page;
    atomic_store_explicit(&box->state, TT_DEAD_BOX_IDLE, memory_order_relaxed);
    return true;
}
