/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A gate that threads sleep at until it opens the next time. Private to the journal.
 * Opening costs the opener one call of the system when somebody sleeps, and nothing else when
 * nobody does.
 */
#ifndef TT_JOURNAL_JOURNAL_GATE_H
#define TT_JOURNAL_JOURNAL_GATE_H

#include "base/error.h"

#include <stdatomic.h>
#include <stdint.h>

/** Zeroed = ready. */
typedef struct tt_gate {
    _Atomic uint32_t opened;   /**< How often, modulo 2^32: what the system compares. */
    _Atomic uint32_t sleepers; /**< Threads that sleep or are about to. */
} tt_gate;

/** How often the gate was opened: ask before looking at what the gate stands for. @thread{any} */
static inline uint32_t tt_gate_seen(const tt_gate *gate)
{
    return atomic_load_explicit(&gate->opened, memory_order_acquire);
}
/** Sleeps until the gate has been opened since `seen`, or the monotonic time `until_ns` (INT64_MAX:
 * no limit) has come. May return early for no reason: look again.
 * @retval TUTTI_TIMEOUT. @thread{any} @blocks{until opened} */
tutti_status tt_gate_sleep(tt_gate *gate, uint32_t seen, int64_t until_ns);
/** Lets all that sleep go. What was written before is seen by them. @thread{any} */
void tt_gate_open(tt_gate *gate);
/** Lets this thread do its work without taking the processor from whoever wakes it: what it does is
 * not waited for. @thread{any} */
void tt_gate_be_patient(void);
/** The monotonic time in nanoseconds. @thread{any} */
int64_t tt_gate_now_ns(void);
/** The time `timeout_ns` from now; INT64_MAX stays. @thread{any} */
int64_t tt_gate_deadline(int64_t timeout_ns);

#endif
