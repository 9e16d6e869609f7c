/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Votes on a trading decision, counted by fixed rules, whoever cast them: rule models or language
 * models. Shares are compared as whole numbers, so that four of six are two thirds.
 */
#ifndef TT_AGENT_DECISION_VOTES_H
#define TT_AGENT_DECISION_VOTES_H

#include "model/payloads.h"

/** One vote. Who abstains is not counted at all. */
typedef struct tt_ballot {
    tt_ratio confidence; /**< 0..1 */
    uint8_t action;      /**< tt_action */
    bool is_valid;
} tt_ballot;

/** What the votes come to. */
typedef struct tt_vote_count {
    uint32_t counts[TT_action_COUNT];
    uint32_t valid;
    uint32_t agreeing; /**< Votes for `action`. */
    uint8_t action;    /**< The one with most votes; HOLD, when it has as many. */
} tt_vote_count;

/** Counts `count` votes. @thread{any} @alloc{never} */
tt_vote_count tt_votes_count(const tt_ballot *ballots, uint32_t count);
/** Tells whether more than half of the valid votes agree. @thread{any} */
bool tt_votes_have_majority(const tt_vote_count *votes);
/** Mean confidence of those who agree, plus 0.15 if all do, 0.10 from five sixths, 0.05 from two
 * thirds; at most 1, with 4 decimals, ties to even. At least one must agree. @thread{any} */
tt_ratio tt_votes_confidence(const tt_ballot *ballots, uint32_t count, const tt_vote_count *votes);
/** Agreeing by valid votes, with 4 decimals; 0 without a valid one. @thread{any} */
tt_ratio tt_votes_agreement(const tt_vote_count *votes);

#endif
