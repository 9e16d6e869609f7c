/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What stands ready of one symbol before a proposal comes: numbers that follow from the equity, and
 * all that follows from the state and the configuration alone. No state: it can be made again at
 * any time. Inside of risk only.
 */
#ifndef TT_RISK_RISK_READY_H
#define TT_RISK_RISK_READY_H

#include "model/verdict.h"
#include "risk/risk_tables.h"

/** Facts of a verdict that no proposal changes: two pieces of its bytes, around what the checks of
 * confidence add. They lie in `facts` as in the verdict. */
#define TT_RISK_FACTS_FIRST offsetof(tt_risk_verdict, equity)
#define TT_RISK_FACTS_GAP   offsetof(tt_risk_verdict, confidence)
#define TT_RISK_FACTS_LAST  offsetof(tt_risk_verdict, atr)
#define TT_RISK_FACTS_END   offsetof(tt_risk_verdict, checks)

/** What a plain pass needs (risk_plain.h), while the state is as it was. */
typedef struct tt_risk_plain {
    uint64_t changes;          /**< Of the module when it was made. */
    bool is_possible;          /**< Nothing stands in the way of an entry that is plain. */
    uint8_t sides;             /**< A bit for each side on which no position is in the way. */
    uint32_t leverage_max;     /**< Of symbol and drawdown. */
    int64_t price_age_max;     /**< ns */
    int64_t last_lock_ns;      /**< No lock ends later. */
    const uint32_t *leverages; /**< Of the first regime; TT_RISK_LOSS_COUNT apart. */
    const tt_risk_confidence_min *confidences; /**< Of the first regime and strictness; likewise. */
    tt_dec size_max;       /**< No size up to here is too large for a limit, as far as one can tell
                                without the proposal. */
    tt_dec disagreement;   /**< Beyond it a verdict warns. */
    tt_u128 least_in_lots; /**< Least notional x lots in one. */
    uint64_t lots_per_unit;
    uint64_t lots_min; /**< At least 1. */
    uint64_t lots_max;
    uint64_t lot;      /**< 10^-18 */
    uint32_t stop_min; /**< 10^-6 percent, as the next one. */
    uint32_t stop_max;
    uint32_t reward_min; /**< 10^-6 */
    _Alignas(16) unsigned char facts[TT_RISK_FACTS_END];
} tt_risk_plain;

/** What follows from the equity and the configuration for one symbol: made again when the equity
 * has become another. Behind it what follows from the state as well. */
typedef struct tt_risk_ready {
    tt_money for_equity;
    tt_money position;  /**< Largest of an entry: the stricter of the account's and the symbol's. */
    tt_money rebalance; /**< The same of what a rebalance builds. */
    tt_dec loss_free;   /**< No size up to here loses more at its stop than it may; at most
                             TT_RISK_MICRO_MAX. */
    tt_u128 equity_whole;  /**< Equity / 10^8, */
    uint64_t equity_rest;  /**< and what is left. */
    bool is_equity_within; /**< The two are set: the equity is within TT_RISK_MICRO_MAX, above 0. */
    bool is_valid;
    tt_risk_plain plain;
} tt_risk_ready;

#endif
