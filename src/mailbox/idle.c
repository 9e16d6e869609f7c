/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Waiting: spin, then park in a futex.
 *
 * Why no wake-up is lost: a thread reads the epoch, says that it may be asleep, passes the heavy
 * barrier, asks once more, and sleeps only while the epoch is unchanged. Who makes something ready
 * passes the light barrier, and then reads whether somebody is asleep. So either the sleeper finds
 * what is ready, or the other finds the sleeper and changes the epoch.
 */
#include "mailbox/idle.h"

#include "base/error.h"
#include "base/futex.h"

/** Between two looks at the clock, which costs as much as several of these. */
#define SPINS_PER_LOOK 32

static const int64_t spin_default_ns = 50 * TT_NS_PER_US;
static const int64_t park_default_ns = 100 * TT_NS_PER_MS;

void tt_park_init(tt_park *park)
{
    tt_barrier_setup();
    atomic_init(&park->epoch, 0);
    atomic_init(&park->is_asleep, 0);
    atomic_init(&park->parks, 0);
    atomic_init(&park->wakes, 0);
}

void tt_park_wake_all(tt_park *park)
{
    if (!atomic_exchange_explicit(&park->is_asleep, 0, memory_order_acq_rel)) {
        return; // another has just woken them
    }
    (void)atomic_fetch_add_explicit(&park->epoch, 1, memory_order_release);
    (void)atomic_fetch_add_explicit(&park->wakes, 1, memory_order_relaxed);
    tt_futex_wake(&park->epoch);
}

tt_idle_options tt_idle_defaults(const tt_idle_options *options)
{
    tt_idle_options filled = *options;
    TT_ASSERT(filled.clock && filled.spin_ns >= 0 && filled.park_max_ns >= 0);
    filled.spin_ns = filled.spin_ns != 0 ? filled.spin_ns : spin_default_ns;
    filled.park_max_ns = filled.park_max_ns != 0 ? filled.park_max_ns : park_default_ns;
    return filled;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/** Asks a few times in a row. */
static bool spin(tt_idle_ready_fn ready, void *ctx)
{
    for (int i = 0; i < SPINS_PER_LOOK; i++) {
        if (ready(ctx)) {
            return true;
        }
        relax();
    }
    return false;
}

/** Sleeps up to `ns`, unless it is ready after all. */
static bool park_once(tt_park *park, int64_t ns, tt_idle_ready_fn ready, void *ctx)
{
    uint32_t epoch = atomic_load_explicit(&park->epoch, memory_order_acquire);
    atomic_store_explicit(&park->is_asleep, 1, memory_order_relaxed);
    tt_barrier_heavy();
    if (ready(ctx)) {
        return true;
    }
    (void)atomic_fetch_add_explicit(&park->parks, 1, memory_order_relaxed);
    tt_futex_sleep_for(&park->epoch, epoch, ns);
    return ready(ctx);
}

bool tt_idle_wait(
    const tt_idle_options *options,
    tt_park *park,
    int64_t limit_ns,
    tt_idle_ready_fn ready,
    void *ctx)
{
    if (ready(ctx)) {
        return true;
    }
    int64_t start = tt_timepiece_monotonic(options->clock).ns;
    for (int64_t waited = 0; waited < limit_ns;) {
        bool spins = options->strategy == TT_idle_SPIN ||
                     (options->strategy == TT_idle_BACKOFF && waited < options->spin_ns);
        int64_t left = limit_ns - waited;
        int64_t nap = left < options->park_max_ns ? left : options->park_max_ns;
        if (spins ? spin(ready, ctx) : park_once(park, nap, ready, ctx)) {
            return true;
        }
        waited = tt_timepiece_monotonic(options->clock).ns - start;
    }
    return false;
}
