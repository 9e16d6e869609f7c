/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of locks. It is short and seldom looked through: behind the last end no entry pays for
 * it.
 */
#include "risk/risk_locks.h"

#include "base/error.h"

#include <string.h>

static bool is_same(const tt_risk_lock *a, const tt_risk_lock *b)
{
    return a->reason == b->reason && a->rule == b->rule && a->key == b->key && a->side == b->side;
}

static tt_risk_lock *find_same(tt_risk_locks *locks, const tt_risk_lock *lock)
{
    for (uint32_t i = 0; i < locks->count; i++) {
        if (is_same(&locks->list[i], lock)) {
            return &locks->list[i];
        }
    }
    return NULL;
}

/* Keeps the order of the rest. */
static void sweep(tt_risk_locks *locks, tt_time now)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < locks->count; i++) {
        if (locks->list[i].until.ns > now.ns) {
            locks->list[kept++] = locks->list[i];
        }
    }
    memset(&locks->list[kept], 0, (locks->count - kept) * sizeof locks->list[0]);
    locks->count = kept;
}

static bool has_room(const tt_risk_locks *locks, const tt_risk_lock *lock)
{
    bool is_of_account = lock->key == 0 && lock->side == TT_side_NONE;
    uint32_t kept = is_of_account ? 0 : TT_RISK_LOCKS_OF_ACCOUNT;
    return locks->count < TT_RISK_LOCKS_MAX - kept;
}

bool tt_risk_lock_begin(tt_risk_locks *locks, tt_risk_lock *lock, tt_time now)
{
    if (lock->until.ns <= now.ns) {
        return false;
    }
    sweep(locks, now);
    tt_risk_lock *same = find_same(locks, lock);
    if (!same && !has_room(locks, lock)) {
        locks->widened++;
        lock->key = 0;
        lock->side = TT_side_NONE;
        same = find_same(locks, lock);
    }
    bool is_new = !same;
    if (is_new) {
        TT_ASSERT(has_room(locks, lock)); // One for each reason and rule at most.
        same = &locks->list[locks->count++];
        *same = *lock;
        same->since = now;
    } else if (same->until.ns < lock->until.ns) {
        same->until = lock->until;
        same->subject_seq = lock->subject_seq;
    }
    lock->until = same->until;
    if (locks->last_end.ns < same->until.ns) {
        locks->last_end = same->until;
    }
    return is_new;
}

static bool holds_back(const tt_risk_lock *lock, uint32_t reasons, uint32_t key, uint8_t side)
{
    return (reasons >> lock->reason & 1u) != 0 && (lock->key == 0 || lock->key == key) &&
           (lock->side == TT_side_NONE || lock->side == side);
}

const tt_risk_lock *tt_risk_lock_find(
    const tt_risk_locks *locks, uint32_t reasons, uint32_t key, uint8_t side, tt_time now)
{
    const tt_risk_lock *found = NULL;
    if (locks->last_end.ns <= now.ns) {
        return NULL;
    }
    for (uint32_t i = 0; i < locks->count; i++) {
        const tt_risk_lock *lock = &locks->list[i];
        bool is_in_force = lock->until.ns > now.ns && holds_back(lock, reasons, key, side);
        if (is_in_force && (!found || lock->until.ns > found->until.ns)) {
            found = lock;
        }
    }
    return found;
}

void tt_risk_locks_end(tt_risk_locks *locks)
{
    memset(locks->list, 0, sizeof locks->list);
    locks->count = 0;
    locks->last_end.ns = 0;
}

void tt_risk_locks_check(const tt_risk_locks *locks)
{
    TT_ASSERT(locks->count <= TT_RISK_LOCKS_MAX);
    for (uint32_t i = 0; i < locks->count; i++) {
        const tt_risk_lock *lock = &locks->list[i];
        TT_ASSERT(lock->reason != TT_lock_reason_NONE && lock->reason < TT_lock_reason_COUNT);
        TT_ASSERT(lock->until.ns <= locks->last_end.ns && lock->since.ns < lock->until.ns);
        for (uint32_t k = 0; k < i; k++) {
            TT_ASSERT(!is_same(lock, &locks->list[k]));
        }
    }
}
