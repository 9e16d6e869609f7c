/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Votes wait in a ring an instrument, oldest first: their times come in the order of the decisions.
 */
#include "report/votes.h"

#include <stdlib.h>
#include <string.h>

/** The votes of one decision. */
struct decision {
    tt_time due;
    tt_dec price; /**< When it was made. */
    uint8_t count;
    uint8_t models[TT_MAX_model_vote];
    uint8_t actions[TT_MAX_model_vote];
};

/** An instrument. */
struct waiting {
    struct decision decisions[TT_VOTE_WAITING_MAX];
    uint32_t first;
    uint32_t count;
    tt_dec price; /**< The last one; 0 = none yet. */
};

struct tt_vote_board {
    tt_model_score scores[TT_VOTE_MODELS_MAX];
    uint32_t score_count;
    uint64_t lost;
    struct waiting *instruments;
    uint32_t instrument_count;
};

tutti_status tt_vote_board_new(uint32_t instrument_count, tt_vote_board **result)
{
    tt_vote_board *board = calloc(1, sizeof *board);
    if (board == NULL) {
        return TUTTI_NO_MEMORY;
    }
    board->instrument_count = instrument_count;
    board->instruments = calloc(instrument_count, sizeof *board->instruments);
    if (board->instruments == NULL) {
        free(board);
        return TUTTI_NO_MEMORY;
    }
    *result = board;
    return TUTTI_OK;
}

void tt_vote_board_free(tt_vote_board *board)
{
    if (board != NULL) {
        free(board->instruments);
        free(board);
    }
}

/* Place of a model, or TT_VOTE_MODELS_MAX when there is no room. */
static uint32_t place_of(tt_vote_board *board, const char *model)
{
    uint32_t i = 0;
    while (i < board->score_count && strcmp(board->scores[i].model, model) != 0) {
        i++;
    }
    if (i == board->score_count && i < TT_VOTE_MODELS_MAX) {
        TT_TEXT_SET(board->scores[i].model, model);
        board->score_count++;
    }
    return i;
}

static struct waiting *waiting_of(tt_vote_board *board, uint32_t instrument)
{
    TT_ASSERT(instrument >= 1 && instrument <= board->instrument_count);
    return &board->instruments[instrument - 1];
}

static struct decision *add_decision(struct waiting *waiting)
{
    if (waiting->count == TT_VOTE_WAITING_MAX) {
        waiting->first = (waiting->first + 1) % TT_VOTE_WAITING_MAX;
        waiting->count--;
    }
    uint32_t at = (waiting->first + waiting->count++) % TT_VOTE_WAITING_MAX;
    waiting->decisions[at] = (struct decision){.count = 0};
    return &waiting->decisions[at];
}

void tt_vote_board_signal(
    tt_vote_board *board, uint32_t instrument, tt_time now, const tt_trading_signal *signal)
{
    struct waiting *waiting = waiting_of(board, instrument);
    struct decision *decision = NULL;
    if (!tt_dec_is_zero(waiting->price) && signal->count > 0) {
        decision = add_decision(waiting);
        decision->due.ns = now.ns + TT_VOTE_HORIZON_HOURS * 3600 * TT_NS_PER_S;
        decision->price = waiting->price;
    }
    for (uint8_t i = 0; i < signal->count; i++) {
        const tt_model_vote *vote = &signal->votes[i];
        uint32_t place = place_of(board, vote->model);
        if (place == TT_VOTE_MODELS_MAX) {
            board->lost++;
            continue;
        }
        tt_model_score *score = &board->scores[place];
        score->votes++;
        score->actions[vote->action]++;
        score->confidence = tt_dec_xadd(score->confidence, vote->confidence.d);
        if (decision != NULL) {
            decision->models[decision->count] = (uint8_t)place;
            decision->actions[decision->count++] = vote->action;
        }
    }
}

/* Whether a price moved by at most 2 percent: |to - from| x 50 <= from. */
static bool is_near(tt_dec from, tt_dec to)
{
    const tt_dec fifty = tt_dec_from_i64(50, 0);
    tt_dec up = tt_dec_xmul(tt_dec_xsub(to, from), fifty);
    tt_dec down = tt_dec_xmul(tt_dec_xsub(from, to), fifty);
    return tt_dec_le(tt_dec_max(up, down), from);
}

static bool is_right(uint8_t action, tt_dec from, tt_dec to)
{
    switch ((tt_action)action) {
    case TT_action_BUY:
    case TT_action_CLOSE_SHORT:
        return tt_dec_lt(from, to);
    case TT_action_SELL:
    case TT_action_CLOSE_LONG:
        return tt_dec_lt(to, from);
    case TT_action_HOLD:
    case TT_action_COUNT:
        break;
    }
    return is_near(from, to);
}

static void judge(tt_vote_board *board, const struct decision *decision, tt_dec price)
{
    for (uint8_t i = 0; i < decision->count; i++) {
        tt_model_score *score = &board->scores[decision->models[i]];
        score->judged++;
        score->right += is_right(decision->actions[i], decision->price, price);
    }
}

void tt_vote_board_price(tt_vote_board *board, uint32_t instrument, tt_time now, tt_dec price)
{
    struct waiting *waiting = waiting_of(board, instrument);
    while (waiting->count > 0 && waiting->decisions[waiting->first].due.ns <= now.ns) {
        judge(board, &waiting->decisions[waiting->first], price);
        waiting->first = (waiting->first + 1) % TT_VOTE_WAITING_MAX;
        waiting->count--;
    }
    waiting->price = price;
}

const tt_model_score *tt_vote_board_scores(const tt_vote_board *board, uint32_t *ret_count)
{
    *ret_count = board->score_count;
    return board->scores;
}

uint64_t tt_vote_board_lost(const tt_vote_board *board)
{
    return board->lost;
}
