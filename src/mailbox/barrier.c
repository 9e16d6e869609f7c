/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The asymmetric barrier: membarrier(2) where there is one.
 */
#include "mailbox/barrier.h"

#include "base/error.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

_Atomic int tt_barrier_is_asymmetric;
_Atomic unsigned tt_barrier_turn;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

void tt_barrier_setup(void)
{
    long offered = membarrier(MEMBARRIER_CMD_QUERY);
    if (offered > 0 && (offered & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
        membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0) {
        atomic_store_explicit(&tt_barrier_is_asymmetric, 1, memory_order_relaxed);
    }
}

void tt_barrier_heavy(void)
{
    (void)atomic_fetch_add_explicit(&tt_barrier_turn, 1, memory_order_acq_rel);
    if (atomic_load_explicit(&tt_barrier_is_asymmetric, memory_order_relaxed)) {
        // Once registered it cannot fail; without it a wake-up could be lost.
        TT_ASSERT(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
    }
}
