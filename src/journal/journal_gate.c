/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Gates.
 *
 * A sleeper counts itself, then the kernel compares `opened` with what it saw; an opener changes
 * `opened`, then looks at the count. Both in one total order, so that one of them sees the other.
 */
#include "journal/journal_gate.h"

#include "base/futex.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

int64_t tt_gate_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t tt_gate_deadline(int64_t timeout_ns)
{
    int64_t until;
    return __builtin_add_overflow(tt_gate_now_ns(), timeout_ns, &until) ? INT64_MAX : until;
}

void tt_gate_be_patient(void)
{
    const struct sched_param priority = {0};
    // Without it all works as well, only later: a refusal is no failure.
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &priority);
}

tutti_status tt_gate_sleep(tt_gate *gate, uint32_t seen, int64_t until_ns)
{
    atomic_fetch_add(&gate->sleepers, 1);
    bool is_early = tt_futex_sleep_until(&gate->opened, seen, until_ns);
    atomic_fetch_sub(&gate->sleepers, 1);
    return is_early ? TUTTI_OK : TUTTI_TIMEOUT;
}

void tt_gate_open(tt_gate *gate)
{
    atomic_fetch_add(&gate->opened, 1);
    if (atomic_load(&gate->sleepers) > 0) {
        tt_futex_wake(&gate->opened);
    }
}
