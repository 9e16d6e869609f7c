/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Parts of the account and budgets: see risk_parts.h.
 */
#include "risk/risk_parts.h"

#include "model/message.h"
#include "risk/risk_trial.h"

#include <string.h>

/* ---- configuration ---- */

static uint16_t source_named(const char *name)
{
    uint16_t source = 0;
    return tt_source_find(name, strlen(name), &source) ? source : TT_SOURCE_NONE;
}

tutti_status tt_risk_budgets_check(const tt_risk_module_config *config, tt_error *error)
{
    if (config->budget_count > TT_RISK_BUDGETS_MAX) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "risk.budgets has %u rows; the most is %u",
            config->budget_count,
            TT_RISK_BUDGETS_MAX);
    }
    for (uint32_t i = 0; i < config->budget_count; i++) {
        const tt_budget_config *row = &config->budgets[i];
        if (source_named(row->strategy) == TT_SOURCE_NONE) {
            (void)tt_error_set(
                error,
                TUTTI_INVALID,
                "risk.budgets[%u]: '%s' is no source of trades",
                i,
                row->strategy);
            tt_error_hint(error, "such as trading_decision, strategy or portfolio");
            return TUTTI_INVALID;
        }
        if (tt_dec_sign(row->amount.d) <= 0) {
            return tt_error_set(
                error, TUTTI_INVALID, "risk.budgets[%u]: amount must be above 0", i);
        }
    }
    return TUTTI_OK;
}

static tt_risk_budget *find_budget(tt_risk_parts *parts, uint32_t source)
{
    for (uint32_t i = 0; i < parts->budget_count; i++) {
        if (parts->budgets[i].source == source) {
            return &parts->budgets[i];
        }
    }
    return NULL;
}

static const tt_risk_budget *budget_of(const tt_risk_parts *parts, uint32_t source)
{
    for (uint32_t i = 0; i < parts->budget_count; i++) {
        if (parts->budgets[i].source == source) {
            return &parts->budgets[i];
        }
    }
    return NULL;
}

void tt_risk_budgets_fill(const tt_risk_module_config *config, tt_risk_parts *parts)
{
    for (uint32_t i = 0; i < config->budget_count; i++) {
        uint32_t source = source_named(config->budgets[i].strategy);
        tt_risk_budget *budget = find_budget(parts, source);
        if (budget == NULL) {
            budget = &parts->budgets[parts->budget_count++];
            budget->source = source;
        }
        budget->reserved.d = tt_dec_xadd(budget->reserved.d, config->budgets[i].amount.d);
    }
}

/* ---- what is held ---- */

tutti_status
tt_risk_parts_note(tt_risk_parts *parts, uint32_t symbol_index, const tt_sub_account_update *update)
{
    if (update->account >= TT_SUB_ACCOUNTS_MAX) {
        return TUTTI_INVALID;
    }
    tt_risk_part *part = &parts->list[update->account];
    bool is_short = update->position_side == TT_side_SELL;
    part->source = update->account_source;
    part->cash.d = tt_dec_xadd(update->initial.d, update->cash_flow.d);
    part->has_capital = update->account != 0 && tt_dec_sign(update->initial.d) > 0;
    part->qty[symbol_index + (is_short ? TT_INSTRUMENTS_MAX : 0)] = update->position_qty;
    parts->is_told = 1;
    return TUTTI_OK;
}

/* The part of a source; the house for one that has no part of its own because all are taken; NULL
 * while it has traded nothing. */
static const tt_risk_part *find_part(const tt_risk_parts *parts, uint32_t source)
{
    bool is_full = true;
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (source != 0 && parts->list[i].source == source) {
            return &parts->list[i];
        }
        is_full = is_full && parts->list[i].source != 0;
    }
    return is_full || source == 0 ? &parts->list[0] : NULL;
}

static tt_dec on_side(tt_qty part, tt_qty whole)
{
    bool is_there = tt_dec_sign(part.d) == tt_dec_sign(whole.d);
    return is_there ? tt_dec_xabs(part.d) : TT_DEC_ZERO;
}

tt_qty tt_risk_parts_held(
    const tt_risk_parts *parts,
    uint32_t source,
    uint32_t symbol_index,
    bool is_short,
    bool is_close,
    tt_qty qty)
{
    uint32_t place = symbol_index + (is_short ? TT_INSTRUMENTS_MAX : 0);
    const tt_risk_part *part = find_part(parts, source);
    tt_dec own = part == NULL ? TT_DEC_ZERO : on_side(part->qty[place], qty);
    if (is_close && part != &parts->list[0]) {
        own = tt_dec_xadd(own, on_side(parts->list[0].qty[place], qty));
    }
    own = tt_dec_min(own, tt_dec_xabs(qty.d));
    return (tt_qty){tt_dec_sign(qty.d) < 0 ? tt_dec_xneg(own) : own};
}

/* Adds where the sum is money; else the largest money: what cannot be counted is too much. */
static tt_dec add(tt_dec a, tt_dec b)
{
    tt_dec sum = TT_MONEY_MAX;
    return tt_dec_add(a, b, &sum) == TUTTI_OK ? tt_dec_min(sum, TT_MONEY_MAX) : TT_MONEY_MAX;
}

/* Margin of what a part holds, at the marks of the positions. */
static tt_dec margin_held(const tt_risk_state *state, const tt_risk_part *part)
{
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < 2 * TT_INSTRUMENTS_MAX; i++) {
        if (tt_dec_is_zero(part->qty[i].d)) {
            continue;
        }
        const tt_risk_symbol *symbol = &state->symbols[i % TT_INSTRUMENTS_MAX];
        uint8_t leverage = i < TT_INSTRUMENTS_MAX ? symbol->leverage : symbol->short_leg.leverage;
        tt_money notional = {TT_MONEY_MAX};
        tutti_status status = tt_dec_mul(
            tt_dec_xabs(part->qty[i].d), symbol->mark.d, TT_ROUND_HALF_EVEN, &notional.d);
        notional.d = status == TUTTI_OK ? tt_dec_min(notional.d, TT_MONEY_MAX) : TT_MONEY_MAX;
        sum = add(sum, tt_risk_margin(notional, leverage).d);
    }
    return sum;
}

/* ---- the check ---- */

/* Margin in use by a source that has a reservation. */
static tt_dec used_by(const tt_risk_trial *trial, uint32_t source)
{
    const tt_risk_part *part = find_part(trial->parts, source);
    tt_dec used = part == NULL ? TT_DEC_ZERO : margin_held(trial->state, part);
    for (uint32_t i = 0; i < trial->state->entry_count; i++) {
        const tt_risk_entry *entry = &trial->state->entries[i];
        used = entry->source == source ? add(used, entry->margin.d) : used;
    }
    return used;
}

/* What a part is worth, at the marks of the positions. */
static tt_dec equity_of(const tt_risk_state *state, const tt_risk_part *part)
{
    tt_dec sum = part->cash.d;
    for (uint32_t i = 0; i < 2 * TT_INSTRUMENTS_MAX; i++) {
        tt_dec value = TT_DEC_ZERO;
        const tt_risk_symbol *symbol = &state->symbols[i % TT_INSTRUMENTS_MAX];
        tt_dec qty = part->qty[i].d;
        if (tt_dec_mul(qty, symbol->mark.d, TT_ROUND_HALF_EVEN, &value) == TUTTI_OK) {
            sum = tt_dec_xadd(sum, value);
        }
    }
    return sum;
}

static const tt_risk_part *endowed(const tt_risk_parts *parts, uint32_t source)
{
    const tt_risk_part *part = source == 0 ? NULL : find_part(parts, source);
    return part != NULL && part->has_capital != 0 ? part : NULL;
}

/* Whether a source has neither a reservation nor a capital. */
static bool is_without(const tt_risk_parts *parts, uint32_t source)
{
    return source == 0 || (budget_of(parts, source) == NULL && endowed(parts, source) == NULL);
}

/* Margin in use by all that have none. */
static tt_dec used_by_others(const tt_risk_trial *trial)
{
    const tt_risk_parts *parts = trial->parts;
    tt_dec used = TT_DEC_ZERO;
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        bool is_free = is_without(parts, parts->list[i].source);
        used = is_free ? add(used, margin_held(trial->state, &parts->list[i])) : used;
    }
    for (uint32_t i = 0; i < trial->state->entry_count; i++) {
        const tt_risk_entry *entry = &trial->state->entries[i];
        used = is_without(parts, entry->source) ? add(used, entry->margin.d) : used;
    }
    return used;
}

/* What capitals and reservations leave of the equity. A reservation of a source with a capital is
 * within that. */
static tt_dec left_of_equity(const tt_risk_trial *trial)
{
    const tt_risk_parts *parts = trial->parts;
    tt_dec left = trial->state->account.equity.d;
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (parts->list[i].has_capital != 0) {
            left = tt_dec_xsub(left, equity_of(trial->state, &parts->list[i]));
        }
    }
    for (uint32_t i = 0; i < parts->budget_count; i++) {
        if (endowed(parts, parts->budgets[i].source) == NULL) {
            left = tt_dec_xsub(left, parts->budgets[i].reserved.d);
        }
    }
    return tt_dec_max(left, TT_DEC_ZERO);
}

static tt_dec limit_of(const tt_risk_trial *trial)
{
    const tt_risk_budget *budget = budget_of(trial->parts, trial->source);
    const tt_risk_part *part = endowed(trial->parts, trial->source);
    if (is_without(trial->parts, trial->source)) {
        return left_of_equity(trial);
    }
    tt_dec limit = budget != NULL ? budget->reserved.d : TT_MONEY_MAX;
    if (part != NULL) {
        tt_dec equity = tt_dec_max(equity_of(trial->state, part), TT_DEC_ZERO);
        limit = tt_dec_min(limit, equity);
    }
    return limit;
}

bool tt_risk_pass_budget(tt_risk_trial *trial)
{
    if ((trial->plan_mask & TT_RISK_PLACE_BIT(BUDGET)) == 0) {
        return true;
    }
    bool is_free = is_without(trial->parts, trial->source);
    tt_dec used = is_free ? used_by_others(trial) : used_by(trial, trial->source);
    tt_dec limit = limit_of(trial);
    tt_dec after = add(used, tt_risk_margin(trial->size, (uint8_t)trial->leverage).d);
    if (tt_dec_lt(limit, after)) {
        return tt_risk_refuse(trial, TT_RISK_PLACE_BUDGET, after, limit);
    }
    tt_risk_check row = {.value.d = after, .limit.d = limit, .outcome = TT_check_outcome_PASS};
    tt_risk_list(trial, TT_RISK_PLACE_BUDGET, row);
    return true;
}
