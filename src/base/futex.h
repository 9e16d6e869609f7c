/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sleeping on a word of memory: the one place that knows the futex of the system. What it means
 * that somebody sleeps, and why no wake-up is lost, is told where it is used: tt_park of the
 * mailboxes, tt_gate of the journal. Inline, because base itself makes no call of the system.
 */
#ifndef TT_BASE_FUTEX_H
#define TT_BASE_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/** Sleeps while `word` is `seen`, at most `ns`. May return early for no reason. @thread{any}
 * @blocks{until woken} */
static inline void tt_futex_sleep_for(_Atomic uint32_t *word, uint32_t seen, int64_t ns)
{
    const int64_t ns_per_s = 1000000000;
    const struct timespec span = {.tv_sec = ns / ns_per_s, .tv_nsec = ns % ns_per_s};
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &span, NULL, 0);
}

/** Sleeps while `word` is `seen`, up to the monotonic time `until_ns` (INT64_MAX: no limit). May
 * return early for no reason. False when that time has come. @thread{any} @blocks{until woken} */
static inline bool tt_futex_sleep_until(_Atomic uint32_t *word, uint32_t seen, int64_t until_ns)
{
    const int64_t ns_per_s = 1000000000;
    const struct timespec until = {.tv_sec = until_ns / ns_per_s, .tv_nsec = until_ns % ns_per_s};
    long result = syscall(
        SYS_futex,
        word,
        FUTEX_WAIT_BITSET_PRIVATE,
        seen,
        until_ns == INT64_MAX ? NULL : &until,
        NULL,
        FUTEX_BITSET_MATCH_ANY);
    return result == 0 || errno != ETIMEDOUT;
}

/** Wakes all that sleep on `word`. @thread{any} @blocks{never} */
static inline void tt_futex_wake(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#endif
