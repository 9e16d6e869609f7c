/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Asks the core for a page of the dead letters that it keeps: one question at a time, of the thread
 * of the interface. The core answers between two turns, so the wait is short; how long it may be is
 * TT_DEAD_BOX_WAIT_NS.
 *
 * States: idle -> asked (interface) -> answered (core) -> idle (interface). A question whose wait
 * was in vain stays; its answer is thrown away by the next one.
 */
#ifndef TT_HOST_DEAD_BOX_H
#define TT_HOST_DEAD_BOX_H

#include "engine/engine.h"

#include <stdatomic.h>

/** Longest wait for an answer: a core that steps takes much less. */
#define TT_DEAD_BOX_WAIT_NS (500 * TT_NS_PER_MS)

enum tt_dead_box_state {
    TT_DEAD_BOX_IDLE,
    TT_DEAD_BOX_ASKED,
    TT_DEAD_BOX_ANSWERED
};

typedef struct tt_dead_box {
    _Atomic int state; /**< tt_dead_box_state; hands over the rest. */
    uint64_t before;   /**< Letters with an id below; 0 = the newest. */
    uint32_t limit;
    tt_engine_dead_page page;
} tt_dead_box;

/** Answers a question, if there is one. @thread{core} @blocks{never} */
void tt_dead_box_answer(tt_dead_box *box, const tt_engine *engine);
/** Asks, and waits; false when the core did not come round in time.
 * @thread{net} @blocks{up to TT_DEAD_BOX_WAIT_NS} */
bool tt_dead_box_ask(
    tt_dead_box *box, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page);

#endif
