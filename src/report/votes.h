/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What became of votes: each model that votes on trading decisions is judged by the price some
 * hours later. BUY and CLOSE_SHORT were right if it is higher, SELL and CLOSE_LONG if it is lower,
 * HOLD if it moved by at most 2 percent. A price is the close of a bar, a trade, or the middle of a
 * quote. Votes whose time has not come, or had no price, are not judged.
 */
#ifndef TT_REPORT_VOTES_H
#define TT_REPORT_VOTES_H

#include "base/error.h"
#include "model/message.h"

/** After which time a vote is judged: by the first price from then on. */
#define TT_VOTE_HORIZON_HOURS 4
/** Models that are told apart; votes of further ones are counted as lost. */
#define TT_VOTE_MODELS_MAX 32
/** Decisions of an instrument that wait; when they are full the oldest is given up, unjudged. */
#define TT_VOTE_WAITING_MAX 1024

/** One model, over all instruments. */
typedef struct tt_model_score {
    char model[sizeof((tt_model_vote *)NULL)->model];
    uint64_t votes;
    uint64_t actions[TT_action_COUNT];
    uint64_t judged;
    uint64_t right;
    tt_dec confidence; /**< Sum over all votes. */
} tt_model_score;

typedef struct tt_vote_board tt_vote_board;

/** @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_vote_board_new(uint32_t instrument_count, tt_vote_board **result);
void tt_vote_board_free(tt_vote_board *board);
/** Takes the votes of a signal about an instrument, counted from 1. @alloc{never} */
void tt_vote_board_signal(
    tt_vote_board *board, uint32_t instrument, tt_time now, const tt_trading_signal *signal);
/** Takes a price, judges what is due, and keeps it for the votes to come. @alloc{never} */
void tt_vote_board_price(tt_vote_board *board, uint32_t instrument, tt_time now, tt_dec price);
/** Scores in the order in which the models first voted. */
const tt_model_score *tt_vote_board_scores(const tt_vote_board *board, uint32_t *ret_count);
/** Votes that were not counted for want of room for their model. */
uint64_t tt_vote_board_lost(const tt_vote_board *board);

#endif
