/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counting.
 */
#include "agent/decision_votes.h"

tt_vote_count tt_votes_count(const tt_ballot *ballots, uint32_t count)
{
    tt_vote_count votes = {.action = TT_action_HOLD};
    for (uint32_t i = 0; i < count; i++) {
        if (ballots[i].is_valid) {
            TT_ASSERT(ballots[i].action < TT_action_COUNT);
            votes.valid++;
            votes.counts[ballots[i].action]++;
        }
    }
    for (uint8_t action = 0; action < TT_action_COUNT; action++) {
        if (votes.counts[action] > votes.counts[votes.action]) {
            votes.action = action;
        }
    }
    votes.agreeing = votes.counts[votes.action];
    return votes;
}

bool tt_votes_have_majority(const tt_vote_count *votes)
{
    return votes->agreeing * 2 > votes->valid;
}

static tt_dec boost_of(uint32_t agreeing, uint32_t valid)
{
    if (agreeing == valid) {
        return TT_DEC_C(15, 2);
    }
    if (agreeing * 6 >= valid * 5) {
        return TT_DEC_C(10, 2);
    }
    return agreeing * 3 >= valid * 2 ? TT_DEC_C(5, 2) : TT_DEC_ZERO;
}

static tt_ratio round_score(tt_dec value)
{
    tt_ratio result = {TT_DEC_ZERO};
    tutti_status status = tt_dec_quantize(value, TT_DEC_C(1, 4), TT_ROUND_HALF_EVEN, &result.d);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

tt_ratio tt_votes_confidence(const tt_ballot *ballots, uint32_t count, const tt_vote_count *votes)
{
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < count; i++) {
        if (ballots[i].is_valid && ballots[i].action == votes->action) {
            sum = tt_dec_xadd(sum, ballots[i].confidence.d);
        }
    }
    TT_ASSERT(votes->agreeing > 0);
    tt_dec mean = tt_dec_xdiv(sum, tt_dec_from_i64(votes->agreeing, 0));
    tt_dec raised = tt_dec_xadd(mean, boost_of(votes->agreeing, votes->valid));
    return round_score(tt_dec_min(raised, TT_DEC_C(1, 0)));
}

tt_ratio tt_votes_agreement(const tt_vote_count *votes)
{
    if (votes->valid == 0) {
        return (tt_ratio){TT_DEC_ZERO};
    }
    tt_dec agreeing = tt_dec_from_i64(votes->agreeing, 0);
    return round_score(tt_dec_xdiv(agreeing, tt_dec_from_i64(votes->valid, 0)));
}
