/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The short way of an entry that passes (ADR 105). What state and configuration say about it stands
 * ready for each symbol (make_plain); what is left is to ask the proposal, in numbers of 64 bits
 * where they fit. Whatever is not plain (a limit that is near, a check that has something to list,
 * a number with too many digits) is left to the checks, from the beginning. So this may say no as
 * often as it likes, but yes only with the verdict that the checks would give, byte for byte.
 *
 * Part of the trial (risk_trial.c), which is one piece.
 */
#ifndef TT_RISK_RISK_PLAIN_H
#define TT_RISK_RISK_PLAIN_H

#include "risk/risk_check_account.h"
#include "risk/risk_check_exposure.h"
#include "risk/risk_check_size.h"
#include "risk/risk_facts.h"

/* ---- what stands ready ---- */

/* Checks that look at more than what stands ready. */
#define SELDOM_CHECKS                                                                              \
    (TT_RISK_PLACE_BIT(ENTRY_WINDOW) | TT_RISK_PLACE_BIT(TRADE_COUNT) | TT_RISK_PLACE_BIT(BUDGET))

/* What the configuration asks of every entry is no more than what is asked here. */
static bool is_plainly_configured(const tt_risk_trial *trial)
{
    return !trial->config->sizing.enabled && !trial->tables->is_coarse &&
           (trial->plan->entry & SELDOM_CHECKS) == 0 && !trial->parts->is_told;
}

/* The state of affairs lets an entry through, and no check of it has a row to list. */
static bool is_plainly_open(const tt_risk_trial *trial)
{
    const uint32_t positions = count_positions(trial);
    const tt_risk_state *state = trial->state;
    return !is_halted(trial) && has_equity(trial) && trial->ready->is_equity_within &&
           count_unknown(trial) == 0 && has_room(trial) && count_breakers(trial) == 0 &&
           positions <= trial->config->limits.max_open_positions && positions <= UINT8_MAX &&
           state->consecutive_losses < TT_RISK_LOSSES_HIGH && !trial->symbol->is_spike;
}

/* Lowers `size_max` to what `limit` leaves beside `used`; tells whether that is a number. */
static inline bool lower_to_rest(tt_dec *size_max, tt_dec limit, tt_dec used)
{
    tt_dec rest = TT_DEC_ZERO;
    bool is_number = !__builtin_sub_overflow(limit.v, used.v, &rest.v);
    *size_max = tt_dec_min(*size_max, rest);
    return is_number;
}

/* The stricter of all limits of the size. */
static bool find_size_max(const tt_risk_trial *trial, tt_dec *ret_size_max)
{
    const tt_risk_verdict *facts = trial->verdict;
    const tt_risk_money_limits *limits = &trial->state->limits;
    const tt_dec correlated = tt_dec_min(limits->correlated.d, limits->correlated_warn.d);
    *ret_size_max = tt_dec_min(trial->ready->loss_free, facts->margin_limit.d);
    return lower_to_rest(ret_size_max, facts->position_limit.d, facts->position_used.d) &&
           lower_to_rest(ret_size_max, facts->exposure_limit.d, facts->exposure_used.d) &&
           (trial->state->active_count == 0 ||
            lower_to_rest(ret_size_max, correlated, facts->correlated_used.d));
}

static uint64_t count_lots_min(const tt_instrument *instrument, const tt_risk_lot *lot)
{
    tt_i128 lots = (instrument->min_qty.d.v + lot->size.d.v - 1) / lot->size.d.v;
    return lots > 0 && lots < (tt_i128)UINT64_MAX ? (uint64_t)lots : lots > 0 ? UINT64_MAX : 1;
}

/* Lots, if they are plain: a whole number of them in one. */
static bool has_plain_lots(const tt_risk_trial *trial)
{
    const tt_instrument *instrument = trial->instrument;
    return instrument != NULL && trial->tables->lots[trial->symbol_index].per_unit != 0 &&
           tt_risk_is_within(instrument->min_notional.d, TT_RISK_MICRO_MAX);
}

/* They follow from the configuration alone. */
TT_RISK_COLD void make_plain_lots(const tt_risk_trial *trial, tt_risk_plain *plain)
{
    const tt_instrument *instrument = trial->instrument;
    const tt_risk_lot *lot = &trial->tables->lots[trial->symbol_index];
    plain->lots_per_unit = lot->per_unit;
    plain->lots_max = lot->count_max;
    plain->lots_min = count_lots_min(instrument, lot);
    plain->lot = (uint64_t)lot->size.d.v; // At most one.
    plain->least_in_lots = (tt_u128)instrument->min_notional.d.v * lot->per_unit;
}

static uint8_t sides_free(const tt_risk_trial *trial)
{
    const tt_risk_symbol *symbol = trial->symbol;
    const tt_side sides[] = {TT_side_BUY, TT_side_SELL};
    uint8_t free = 0;
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        tt_qty held = tt_risk_state_held(trial->state, symbol, (uint8_t)sides[i], false).qty;
        bool is_long = tt_dec_sign(held.d) > 0;
        bool is_in_way = !tt_dec_is_zero(held.d) && is_long != (sides[i] == TT_side_BUY);
        free |= (uint8_t)(is_in_way ? 0u : 1u << sides[i]);
    }
    return free;
}

/* The facts that no proposal changes, as an entry that passes has them. They are written as those
 * of any verdict, in front of whose list they end. What follows from the configuration stands once
 * it is written. */
static void make_plain_facts(tt_risk_trial *trial, bool is_first)
{
    static const tt_trade_proposal none = {.kind = TT_proposal_kind_ENTRY};
    tt_risk_verdict *verdict = (tt_risk_verdict *)(void *)trial->ready->plain.facts;
    const tt_risk_state *state = trial->state;
    const bool is_alone = state->active_count == 0;
    trial->proposal = &none;
    trial->verdict = verdict;
    trial->size.d = TT_DEC_ZERO;
    trial->reference.d = TT_DEC_ZERO;
    if (is_first) {
        write_facts(trial);
    } else {
        write_amounts(trial, verdict);
        verdict->drawdown_pct = state->limits.drawdown_pct;
        verdict->atr = trial->symbol->atr;
        verdict->atr_limit = trial->symbol->atr_limit;
        verdict->entries_today = state->entries_today;
    }
    verdict->checks_run = trial->plan->entry;
    verdict->checks_skipped = is_alone ? TT_RISK_PLACE_BIT(CORRELATED_EXPOSURE) : 0;
    verdict->positions = (uint8_t)count_positions(trial);
    verdict->losses_in_row = (uint8_t)state->consecutive_losses;
    if (!is_alone) {
        verdict->correlated_used.d = correlated_exposure(trial);
    }
}

/* What follows from the configuration alone. */
TT_RISK_COLD void make_plain_limits(const tt_risk_trial *trial, tt_risk_plain *plain)
{
    plain->price_age_max = trial->config->limits.max_price_age.ns;
    plain->disagreement = trial->config->confidence.disagreement.d;
    plain->stop_min = trial->tables->millionths.stop_min;
    plain->stop_max = trial->tables->symbols[trial->symbol_index].stop_max;
    plain->reward_min = trial->tables->millionths.reward_min;
}

static void make_plain_numbers(const tt_risk_trial *trial, tt_risk_plain *plain)
{
    const tt_risk_tables *tables = trial->tables;
    const tt_risk_loss_level level = tt_risk_loss_level_of(trial->state->consecutive_losses);
    const tt_risk_symbol_table *symbol = &tables->symbols[trial->symbol_index];
    plain->sides = sides_free(trial);
    plain->leverage_max = smaller(symbol->leverage, trial->state->limits.drawdown_leverage);
    plain->last_lock_ns = trial->state->locks.last_end.ns;
    plain->leverages = &tables->leverage_max[0][level];
    plain->confidences = &tables->confidence_min[0][0][level];
}

/* Makes all of it, or says that nothing is plain now. */
static void make_plain(tt_risk_trial *trial)
{
    tt_risk_plain *plain = &trial->ready->plain;
    plain->is_possible =
        is_plainly_configured(trial) && is_plainly_open(trial) && has_plain_lots(trial);
    if (!plain->is_possible) {
        return;
    }
    const bool is_first = plain->lots_per_unit == 0;
    if (is_first) {
        make_plain_lots(trial, plain);
        make_plain_limits(trial, plain);
    }
    make_plain_facts(trial, is_first);
    make_plain_numbers(trial, plain);
    plain->is_possible = find_size_max(trial, &plain->size_max);
}

/* ---- an entry ---- */

/* What is found out of a proposal. Prices without the powers of two that they have in common. */
struct plain_entry {
    tt_u128 reference; /**< 10^-18 */
    uint64_t price;    /**< The same, shorter, */
    unsigned twos;     /**< by so many bits. */
    uint64_t stop_way;
    uint64_t target_way;
    tt_u128 size; /**< Proposed. */
    tt_u128 advised;
    tt_u128 qty;
    uint64_t factor; /**< Of the regime, at most one. */
    const tt_risk_confidence_min *least;
    uint32_t leverage_max;
    uint32_t skipped;
    tt_dec apart; /**< Technical analysis and sentiment. */
};

static inline uint64_t high_of(tt_u128 n)
{
    return (uint64_t)(n >> 64);
}

/* Prices: stop, reference and target in this order or the other, as the side demands. */
static inline bool
take_prices(const tt_trade_proposal *proposal, tt_dec reference, struct plain_entry *entry)
{
    const tt_u128 stop = (tt_u128)proposal->stop_loss.d.v;
    const tt_u128 target = (tt_u128)proposal->take_profit.d.v;
    const tt_u128 all = (tt_u128)reference.v | stop | target;
    const uint64_t is_sale = 0 - (uint64_t)(proposal->side == TT_side_SELL); // All ones.
    entry->twos = (unsigned)__builtin_ctzll((uint64_t)all | UINT64_C(1) << 62);
    entry->reference = (tt_u128)reference.v;
    // Within 63 bits, so that a difference has its sign; that also refuses what is negative.
    if (high_of(all) >> entry->twos != 0 || shifted_low(all, entry->twos) >> 63 != 0) {
        return false;
    }
    entry->price = shifted_low(entry->reference, entry->twos);
    const uint64_t stop_at = shifted_low(stop, entry->twos);
    const uint64_t target_at = shifted_low(target, entry->twos);
    entry->stop_way = ((entry->price - stop_at) ^ is_sale) - is_sale;
    entry->target_way = ((target_at - entry->price) ^ is_sale) - is_sale;
    // The farther level of the two is a price; so is what lies below it.
    const uint64_t high_max = high_of((tt_u128)TT_PRICE_MAX.v);
    return (int64_t)entry->stop_way > 0 && (int64_t)entry->target_way > 0 && stop_at != 0 &&
           target_at != 0 && high_of(stop) < high_max && high_of(target) < high_max;
}

/* Distance of the stop, and reward over risk. */
static inline bool is_idea_within(const tt_risk_plain *plain, const struct plain_entry *entry)
{
    const tt_u128 scaled = (tt_u128)entry->stop_way * (uint64_t)TT_RISK_MICRO_PERCENT;
    return scaled >= (tt_u128)entry->price * plain->stop_min &&
           scaled <= (tt_u128)entry->price * plain->stop_max &&
           (tt_u128)entry->target_way * 1000000 >= (tt_u128)entry->stop_way * plain->reward_min;
}

static inline bool take_size(const tt_risk_trial *trial, struct plain_entry *entry)
{
    const tt_trade_proposal *proposal = trial->proposal;
    if (!tt_dec_is_zero(proposal->size.d)) {
        entry->size = (tt_u128)proposal->size.d.v;
        return high_of(entry->size) < tt_risk_high(TT_RISK_MICRO_MAX);
    }
    uint64_t micro = 0;
    if (!to_micro_percent(proposal->size_pct.d, &micro) || micro == 0) {
        return false;
    }
    entry->size = (tt_u128)micro_percent_of_equity(trial->ready, micro).v;
    return true;
}

/* What others advised of it. */
static inline bool take_advice(const tt_trade_proposal *proposal, struct plain_entry *entry)
{
    const tt_dec reduction = proposal->size_reduction_pct.d;
    const uint64_t asked = (uint64_t)proposal->size_multiplier.d.v;
    uint64_t percent = 0;
    tt_dec size = {(tt_i128)entry->size};
    if (tt_risk_high(proposal->size_multiplier.d) != 0 || asked == 0) {
        return false;
    }
    entry->factor = asked < (uint64_t)TT_DEC_ONE_I64 ? asked : (uint64_t)TT_DEC_ONE_I64;
    const uint64_t millionths = entry->factor / (uint64_t)TT_RISK_MILLIONTH;
    if (millionths * (uint64_t)TT_RISK_MILLIONTH != entry->factor) {
        return false;
    }
    if (!tt_dec_is_zero(reduction)) {
        if (!to_percent(reduction, &percent)) {
            return false;
        }
        size = percent_of_size(size, 100 - percent);
    }
    size = millionths == 1000000 ? size : millionths_of_size(size, millionths);
    entry->advised = (tt_u128)size.v;
    return true;
}

/* Whole lots that are neither too few nor too many, and whose notional is enough for sure: see
 * set_lots_of. */
static inline bool take_lots(const tt_risk_plain *plain, struct plain_entry *entry)
{
    const tt_u128 in_lots = entry->advised * plain->lots_per_unit;
    const uint64_t high = high_of(in_lots) >> entry->twos;
    uint64_t rest = 0;
    if (high >= entry->price || in_lots <= plain->least_in_lots + entry->reference) {
        return false;
    }
    const tt_u128 shorter = (tt_u128)high << 64 | shifted_low(in_lots, entry->twos);
    const uint64_t lots = tt_divide_wide(shorter, entry->price, &rest);
    entry->qty = (tt_u128)lots * plain->lot;
    return lots >= plain->lots_min && lots < plain->lots_max;
}

static inline bool
take_confidence(const tt_risk_plain *plain, const tt_trade_proposal *p, struct plain_entry *entry)
{
    if (p->regime >= TT_regime_COUNT || p->entry_strictness >= TT_strictness_COUNT) {
        return false;
    }
    const uint32_t row = (uint32_t)p->regime * TT_strictness_COUNT + p->entry_strictness;
    const uint64_t confidence = (uint64_t)p->confidence.d.v;
    entry->least = &plain->confidences[row * TT_RISK_LOSS_COUNT];
    entry->leverage_max =
        smaller(plain->leverages[p->regime * TT_RISK_LOSS_COUNT], plain->leverage_max);
    return tt_risk_high(p->confidence.d) == 0 && confidence <= (uint64_t)TT_DEC_ONE_I64 &&
           confidence >= (uint64_t)entry->least->ratio.d.v &&
           entry->least->micro != TT_RISK_MICRO_NONE && p->leverage >= 1 &&
           p->leverage <= entry->leverage_max;
}

/* Each is between 0 and 18, or one is not there. */
static inline bool
take_opinions(const tt_risk_plain *plain, const tt_trade_proposal *p, struct plain_entry *entry)
{
    const tt_dec ta = p->ta_confidence.d;
    const tt_dec sentiment = p->sentiment_confidence.d;
    entry->skipped = 0;
    entry->apart = TT_DEC_ZERO;
    if (TT_RISK_MOSTLY((tt_risk_high(ta) | tt_risk_high(sentiment)) == 0)) {
        const uint64_t a = (uint64_t)ta.v;
        const uint64_t b = (uint64_t)sentiment.v;
        entry->apart.v = (tt_i128)(a > b ? a - b : b - a);
        return tt_dec_le(entry->apart, plain->disagreement);
    }
    entry->skipped = TT_RISK_PLACE_BIT(AGENT_DISAGREEMENT);
    return tt_dec_sign(ta) < 0 || tt_dec_sign(sentiment) < 0;
}

/* ---- its verdict ---- */

/* 16 bytes a step, in registers. */
static inline void copy_facts(unsigned char *to, const unsigned char *from, size_t at, size_t end)
{
    for (; at < end; at += sizeof(tt_dec)) {
        memcpy(to + at, from + at, sizeof(tt_dec));
    }
}
_Static_assert(
    TT_RISK_FACTS_FIRST % sizeof(tt_dec) == 0 && TT_RISK_FACTS_END % sizeof(tt_dec) == 0,
    "the facts are whole steps");

static inline void write_amounts_of(
    const tt_trade_proposal *proposal, const struct plain_entry *entry, tt_risk_verdict *verdict)
{
    verdict->size_before.d.v = (tt_i128)entry->size;
    verdict->size_after.d.v = (tt_i128)entry->advised;
    verdict->qty.d.v = (tt_i128)entry->qty;
    verdict->reference_price.d.v = (tt_i128)entry->reference;
    verdict->entry_price = proposal->entry_price;
    verdict->stop_loss = proposal->stop_loss;
    verdict->take_profit = proposal->take_profit;
    verdict->confidence = proposal->confidence;
    verdict->disagreement.d = entry->apart;
}

static inline void write_plain_verdict(const tt_risk_trial *trial, const struct plain_entry *entry)
{
    const tt_trade_proposal *proposal = trial->proposal;
    tt_risk_verdict *verdict = trial->verdict;
    unsigned char *bytes = (unsigned char *)verdict;
    const unsigned char *facts = trial->ready->plain.facts;
    write_amounts_of(proposal, entry, verdict);
    copy_facts(bytes, facts, TT_RISK_FACTS_FIRST, TT_RISK_FACTS_GAP);
    copy_facts(bytes, facts, TT_RISK_FACTS_LAST, TT_RISK_FACTS_END);
    bool is_less = entry->advised < entry->size;
    verdict->checks_skipped |= entry->skipped;
    verdict->confidence_min_micro = entry->least->micro;
    verdict->leverage_before = proposal->leverage;
    verdict->leverage_after = proposal->leverage;
    verdict->leverage_max = (uint8_t)entry->leverage_max;
    verdict->status = is_less ? TT_verdict_MODIFIED : TT_verdict_APPROVED;
    verdict->side = proposal->side;
    verdict->exit_reason = proposal->exit_reason;
    if (!tt_dec_is_zero(proposal->size_reduction_pct.d) || entry->factor != TT_DEC_ONE_I64) {
        verdict->count = 1;
        verdict->checks[0] = (tt_risk_check){
            .value.d = proposal->size_reduction_pct.d,
            .limit.d.v = (tt_i128)entry->factor,
            .before = {verdict->size_before.d},
            .after = {verdict->size_after.d},
            .code = TT_risk_code_SIZE_ADVISED,
            .outcome = is_less ? TT_check_outcome_CLAMP : TT_check_outcome_PASS,
        };
    }
}

/* What is asked before any number is. */
static inline bool is_plain_entry(const tt_risk_trial *trial)
{
    const tt_risk_plain *plain = &trial->ready->plain;
    const tt_trade_proposal *proposal = trial->proposal;
    return plain->is_possible && plain->last_lock_ns <= trial->now.ns &&
           proposal->kind == TT_proposal_kind_ENTRY && proposal->side <= TT_side_SELL &&
           (plain->sides >> proposal->side & 1u) != 0 && !proposal->is_opposed &&
           tt_dec_sign(proposal->hold_reduction_pct.d) >= 0;
}

static inline bool pass_plainly(tt_risk_trial *trial)
{
    const tt_risk_plain *plain = &trial->ready->plain;
    const tt_trade_proposal *proposal = trial->proposal;
    struct plain_entry entry;
    if (!is_plain_entry(trial)) {
        return false;
    }
    tt_dec reference = proposal->entry_price.d;
    if (tt_dec_is_zero(reference)) {
        reference = trial->market_price.d;
        if (trial->market_price_age.ns > plain->price_age_max) {
            return false;
        }
    }
    if (trial->is_blind || !take_size(trial, &entry) || !take_advice(proposal, &entry) ||
        !take_prices(proposal, reference, &entry) || (tt_i128)entry.advised > plain->size_max.v ||
        !take_lots(plain, &entry) || !is_idea_within(plain, &entry) ||
        !take_confidence(plain, proposal, &entry) || !take_opinions(plain, proposal, &entry)) {
        return false;
    }
    write_plain_verdict(trial, &entry);
    return true;
}

#endif
