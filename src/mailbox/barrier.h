/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Memory order between a side that acts often and one that acts seldom (ADR 16).
 *
 * Two threads that each write one variable and then read the other's need a full fence on both
 * sides, or both may miss what the other wrote. The often side here pays nothing: the seldom side
 * makes all running threads of the process pass a fence (membarrier of Linux). Where the system
 * has no membarrier, both sides change one shared variable.
 *
 *     | call             | who                                                                |
 *     | tt_barrier_setup | before any other, any thread, any number of times                  |
 *     | tt_barrier_light | the often side, between its write and its read                     |
 *     | tt_barrier_heavy | the seldom side, between its write and its read; one system call   |
 *
 * tt_section builds on it: entering and leaving are plain stores, closing is dear and final.
 */
#ifndef TT_MAILBOX_BARRIER_H
#define TT_MAILBOX_BARRIER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** Not 0 when the often side may do without a fence. */
extern _Atomic int tt_barrier_is_asymmetric;

/** Changed by both sides where the system offers nothing: of two changes one reads the other, so
 * one side has seen all that the other wrote before. A fence would do the same, but the thread
 * sanitizer does not know fences. */
extern _Atomic unsigned tt_barrier_turn;

/** Asks the system what it offers. @thread{any} */
void tt_barrier_setup(void);
/** Orders a write of a thread before its next read, as seen by who calls tt_barrier_heavy. */
static inline void tt_barrier_light(void)
{
    if (atomic_load_explicit(&tt_barrier_is_asymmetric, memory_order_relaxed)) {
        atomic_signal_fence(memory_order_seq_cst);
    } else {
        (void)atomic_fetch_add_explicit(&tt_barrier_turn, 1, memory_order_acq_rel);
    }
}
/** The other half of tt_barrier_light. @thread{any} @blocks{a system call} */
void tt_barrier_heavy(void);

/** A section that one thread enters and leaves often, and another closes once for all. */
typedef struct tt_section {
    _Atomic uint32_t is_inside;
    _Atomic uint32_t is_closed;
} tt_section;

/** Enters; false when the gate is closed. Not while inside. @thread{owner} @blocks{never} */
static inline bool tt_section_enter(tt_section *gate)
{
    atomic_store_explicit(&gate->is_inside, 1, memory_order_relaxed);
    tt_barrier_light();
    if (atomic_load_explicit(&gate->is_closed, memory_order_acquire)) {
        atomic_store_explicit(&gate->is_inside, 0, memory_order_release);
        return false;
    }
    return true;
}
/** Leaves: what was written inside is seen by who finds the gate empty. @thread{owner} */
static inline void tt_section_leave(tt_section *gate)
{
    atomic_store_explicit(&gate->is_inside, 0, memory_order_release);
}
/** Lets nobody in any more; who is inside may still be there. @thread{any} */
static inline void tt_section_close(tt_section *gate)
{
    atomic_store_explicit(&gate->is_closed, 1, memory_order_release);
    tt_barrier_heavy();
}
/** Tells, after the close, whether nobody is inside any more. @thread{any} */
static inline bool tt_section_is_empty(const tt_section *gate)
{
    return atomic_load_explicit(&gate->is_inside, memory_order_acquire) == 0;
}

#endif
