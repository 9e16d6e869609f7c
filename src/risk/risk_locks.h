/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What holds entries back for a time: cooldowns and protections in one table. Each lock has a
 * reason, an end, and a scope: all symbols or one, both sides or one. Any number are in force at
 * once; none cuts another short. Inside of risk only.
 *
 *   begin -> in force -> its end has come (swept when room is needed) | reset by a person
 */
#ifndef TT_RISK_RISK_LOCKS_H
#define TT_RISK_RISK_LOCKS_H

#include "bus/core.h"

/** Locks at once. A lock of a symbol or side that finds no room becomes one of the account: what
 * cannot be told apart is held back as a whole. The last ones are kept for those. */
#define TT_RISK_LOCKS_MAX        256
#define TT_RISK_LOCKS_OF_ACCOUNT 80

/** One lock. */
typedef struct tt_risk_lock {
    tt_time until;
    tt_time since;
    tt_seq subject_seq; /**< Message that began it, or moved its end. */
    uint32_t key;       /**< Instrument; 0 = all. */
    uint8_t reason;     /**< tt_lock_reason. */
    uint8_t side;       /**< Side of entries that it holds back; TT_side_NONE = both. */
    uint8_t rule;       /**< Place in risk.protections; 0 for cooldowns. */
    uint8_t reserved[1];
} tt_risk_lock;

/** All locks; part of the region. */
typedef struct tt_risk_locks {
    tt_time last_end; /**< No lock ends later: behind it there is none. */
    uint64_t widened; /**< Locks that became locks of the account for want of room. */
    tt_risk_lock list[TT_RISK_LOCKS_MAX];
    uint32_t count;
    uint8_t reserved[12];
} tt_risk_locks;

/** Reasons that a check asks for, one bit each. */
#define TT_RISK_LOCK_BIT(reason) (1u << TT_lock_reason_##reason)
#define TT_RISK_LOCKS_COOLDOWN                                                                     \
    (TT_RISK_LOCK_BIT(POST_TRADE) | TT_RISK_LOCK_BIT(POST_LOSS) |                                  \
     TT_RISK_LOCK_BIT(CONSECUTIVE_LOSSES_3) | TT_RISK_LOCK_BIT(CONSECUTIVE_LOSSES_5) |             \
     TT_RISK_LOCK_BIT(VOLATILITY_SPIKE) | TT_RISK_LOCK_BIT(UNUSUAL_MOVEMENT) |                     \
     TT_RISK_LOCK_BIT(POST_REBALANCE))
#define TT_RISK_LOCKS_PROTECTION                                                                   \
    (TT_RISK_LOCK_BIT(STOPLOSS_GUARD) | TT_RISK_LOCK_BIT(MAX_DRAWDOWN) |                           \
     TT_RISK_LOCK_BIT(LOW_PROFIT) | TT_RISK_LOCK_BIT(COOLDOWN))

/** Begins a lock, or moves the end of the one with the same reason, rule and scope if that is
 * later. Nothing begins that ends at once. `lock->until` is set to the end that now holds.
 * @return true if nothing of the kind was in force before. */
bool tt_risk_lock_begin(tt_risk_locks *locks, tt_risk_lock *lock, tt_time now);
/** The lock that holds an entry back the longest, of those with a reason of `reasons`; NULL if none
 * does. */
const tt_risk_lock *tt_risk_lock_find(
    const tt_risk_locks *locks, uint32_t reasons, uint32_t key, uint8_t side, tt_time now);
/** Ends all. */
void tt_risk_locks_end(tt_risk_locks *locks);
/** Asserts that the table is well formed. */
void tt_risk_locks_check(const tt_risk_locks *locks);

#endif
