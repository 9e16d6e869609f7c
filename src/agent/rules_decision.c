/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The trading decision: votes of several models (decision_models.c), counted by fixed rules.
 *
 *   fewer than min_votes valid votes         HOLD, confidence 0
 *   top side has no more than half of them   HOLD, confidence 0
 *   otherwise                                the top side; confidence = mean of those who agree,
 * plus a boost (decision_votes.c)
 *
 * With a position open, its own side means HOLD and the other side means to close it; a new entry
 * needs a later decision. An entry needs a size by confidence (0.85: all, 0.75: 3/4, 0.65: 1/2,
 * 0.60: 1/4, less: none); what the regime takes off the size is the coordinator's to pass on and
 * the risk module's to apply. Entries are at market; stop and target are the medians of those who
 * agree.
 */
#include "agent/agents.h"
#include "agent/decision_models.h"
#include "agent/decision_prices.h"
#include "agent/decision_votes.h"
#include "base/text.h"

/** A decision in the making. */
typedef struct decision {
    tt_decision_vote votes[TT_DECISION_MODELS];
    tt_decision_frame frame;
    tt_ballot ballots[TT_DECISION_MODELS];
    tt_vote_count count; /**< As if no position were open. */
    int side;            /**< The top side. */
    int position_side;   /**< Of the open position; 0 = none. */
} decision;

/** What a side would do without a position. */
static uint8_t entry_of(int side)
{
    return side > 0 ? TT_action_BUY : side < 0 ? TT_action_SELL : TT_action_HOLD;
}

static void count_votes(decision *made)
{
    for (int i = 0; i < TT_DECISION_MODELS; i++) {
        const tt_decision_vote *vote = &made->votes[i];
        made->ballots[i] = (tt_ballot){vote->confidence, entry_of(vote->side), vote->is_valid};
    }
    made->count = tt_votes_count(made->ballots, TT_DECISION_MODELS);
    made->side = made->count.action == TT_action_BUY    ? 1
                 : made->count.action == TT_action_SELL ? -1
                                                        : 0;
}

/** Share of the full size in hundredths. */
static uint32_t tier_of(tt_ratio confidence)
{
    static const struct {
        uint8_t confidence;
        uint8_t share;
    } tiers[] = {{85, 100}, {75, 75}, {65, 50}, {60, 25}};
    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++) {
        if (tt_dec_le(tt_dec_from_i64(tiers[i].confidence, 2), confidence.d)) {
            return tiers[i].share;
        }
    }
    return 0;
}

/** What a side means, given the position. */
static tt_action action_of(int side, int position_side)
{
    if (side == 0) {
        return TT_action_HOLD;
    }
    if (position_side == -side) {
        return side > 0 ? TT_action_CLOSE_SHORT : TT_action_CLOSE_LONG;
    }
    return side > 0 ? TT_action_BUY : TT_action_SELL;
}

static tt_model_vote vote_of(const decision *made, const tt_decision_vote *vote)
{
    tt_model_vote result = {
        .confidence = vote->confidence,
        .action = (uint8_t)action_of(vote->side, made->position_side)};
    bool is_entry = result.action == TT_action_BUY || result.action == TT_action_SELL;
    if (is_entry && made->frame.is_tradable) {
        tt_decision_exit exit = tt_decision_exit_of(&made->frame, vote->stop_scale);
        result.entry_price.d = made->frame.price;
        result.stop_loss = tt_decision_stop(&made->frame, vote->side, exit);
        result.take_profit = tt_decision_target(&made->frame, vote->side, exit);
    }
    TT_TEXT_SET(result.model, vote->model);
    return result;
}

static void list_votes(const decision *made, tt_trading_signal *signal)
{
    for (int i = 0; i < TT_DECISION_MODELS; i++) {
        if (made->votes[i].is_valid) {
            signal->votes[signal->count++] = vote_of(made, &made->votes[i]);
        }
    }
    signal->valid_votes = (uint8_t)made->count.valid;
    signal->agreement = tt_votes_agreement(&made->count);
}

static void set_exit(const decision *made, tt_trading_signal *signal)
{
    tt_decision_exit exits[TT_DECISION_MODELS];
    uint32_t count = 0;
    for (int i = 0; i < TT_DECISION_MODELS; i++) {
        const tt_decision_vote *vote = &made->votes[i];
        if (vote->is_valid && vote->side == made->side) {
            exits[count++] = tt_decision_exit_of(&made->frame, vote->stop_scale);
        }
    }
    tt_decision_exit exit = tt_decision_median(&made->frame, exits, count);
    signal->stop_loss = tt_decision_stop(&made->frame, made->side, exit);
    signal->take_profit = tt_decision_target(&made->frame, made->side, exit);
}

static uint8_t leverage_of(const tt_decision_config *config, const tt_agent_request *request)
{
    uint32_t leverage = config->leverage;
    if (request->has_regime && leverage > request->regime.max_leverage) {
        leverage = request->regime.max_leverage;
    }
    return (uint8_t)(leverage < 1 ? 1 : leverage);
}

/** Why the votes, whatever they are, lead to no entry; NULL if they may. */
static const char *reason_against_entry(const decision *made, tt_ratio confidence)
{
    if (made->side == made->position_side) {
        return made->side > 0 ? "the position is long already" : "the position is short already";
    }
    if (tier_of(confidence) == 0) {
        return "the confidence is below 0.60";
    }
    return made->frame.is_tradable ? NULL : "no allowed stop falls on a tick";
}

static void
set_entry(const decision *made, const tt_agent_request *request, tt_trading_signal *signal)
{
    const tt_decision_config *config = made->frame.config;
    tt_dec share = tt_dec_from_i64(tier_of(signal->confidence), 2);
    signal->position_size_pct.d = tt_dec_xmul(config->size_pct.d, share);
    signal->leverage = leverage_of(config, request);
    set_exit(made, signal);
}

/** Sets action, confidence and, for an entry, prices and size; returns why it is to hold, or "". */
static const char *
decide(const decision *made, const tt_agent_request *request, tt_trading_signal *signal)
{
    signal->leverage = 1;
    if (made->count.valid < made->frame.config->min_votes) {
        return "too few models have an opinion";
    }
    if (!tt_votes_have_majority(&made->count)) {
        return "no side has a majority";
    }
    signal->confidence = tt_votes_confidence(made->ballots, TT_DECISION_MODELS, &made->count);
    tt_action action = action_of(made->side, made->position_side);
    bool is_entry = action == TT_action_BUY || action == TT_action_SELL;
    const char *against = is_entry ? reason_against_entry(made, signal->confidence) : NULL;
    if (against != NULL) {
        return against;
    }
    signal->action = (uint8_t)action;
    if (is_entry) {
        set_entry(made, request, signal);
    }
    return "";
}

static void append_names(const decision *made, int side, tt_text_buf *text)
{
    for (int i = 0; i < TT_DECISION_MODELS; i++) {
        if (made->votes[i].is_valid && made->votes[i].side == side) {
            tt_text_appendf(text, " %s", made->votes[i].model);
        }
    }
}

static void explain(const decision *made, const char *why, tt_trading_signal *signal)
{
    static const int sides[] = {1, -1, 0};
    static const char *const words[] = {"buy", "sell", "hold"};
    char text[sizeof signal->reasoning];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    for (int i = 0; i < 3; i++) {
        uint32_t count = made->count.counts[entry_of(sides[i])];
        if (count > 0) {
            tt_text_appendf(&buf, "%s%u %s:", buf.length > 0 ? "; " : "", count, words[i]);
            append_names(made, sides[i], &buf);
        }
    }
    if (why[0] != '\0') {
        tt_text_appendf(&buf, "; %s", why);
    }
    TT_TEXT_SET(signal->reasoning, text);
}

void tt_agent_rules_decision(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    TT_TEXT_SET(answer->model, "rules-decision-1");
    const tt_instrument *instrument = tt_rule_begin(instruments, request, answer);
    if (instrument == NULL) {
        return;
    }
    decision made = {
        .position_side = request->has_position ? tt_dec_sign(request->position.qty.d) : 0};
    tt_decision_frame_fill(&made.frame, ctx, instrument, request);
    tt_decision_ask(request, made.votes);
    count_votes(&made);
    tt_trading_signal signal = {
        .call_seq = request->call_seq,
        .indicators_seq = request->call.indicators_seq,
        .ta_seq = request->call.ta_seq,
        .regime_seq = request->call.regime_seq,
        .sentiment_seq = request->call.sentiment_seq};
    list_votes(&made, &signal);
    const char *why = decide(&made, request, &signal);
    explain(&made, why, &signal);
    tt_agent_answer_set(answer, TT_TOPIC_TRADING_SIGNALS, &signal);
}
