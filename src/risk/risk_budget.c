/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Budgets: what is reserved of the account's capital for single sources of trades, by risk.budgets
 * and by command, and the check of that. See risk_parts.h.
 */
#include "base/error.h"
#include "model/message.h"
#include "risk/risk_priv.h"
#include "risk/risk_trial.h"

#include <string.h>

/* ---- rows ---- */

/* Row of a source; the number of rows if it has none. */
static uint32_t row_of(const tt_risk_parts *parts, uint32_t source)
{
    uint32_t row = 0;
    while (row < parts->budget_count && parts->budgets[row].source != source) {
        row++;
    }
    return row;
}

static const tt_risk_budget *budget_of(const tt_risk_parts *parts, uint32_t source)
{
    uint32_t row = row_of(parts, source);
    return row < parts->budget_count ? &parts->budgets[row] : NULL;
}

/* Adds to what a source has; there is room for it. */
static tt_risk_budget *reserve(tt_risk_parts *parts, uint32_t source, tt_dec amount)
{
    uint32_t row = row_of(parts, source);
    tt_risk_budget *budget = &parts->budgets[row];
    TT_ASSERT(row < TT_RISK_BUDGETS_MAX);
    if (row == parts->budget_count) {
        parts->budget_count++;
        budget->source = source;
    }
    budget->reserved.d = tt_dec_xadd(budget->reserved.d, amount);
    return budget;
}

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

void tt_risk_budgets_fill(const tt_risk_module_config *config, tt_risk_parts *parts)
{
    for (uint32_t i = 0; i < config->budget_count; i++) {
        const tt_budget_config *row = &config->budgets[i];
        (void)reserve(parts, source_named(row->strategy), row->amount.d);
    }
}

/* ---- the check ---- */

/* Margin in use by a source that has a reservation. */
static tt_dec used_by(const tt_risk_trial *trial, uint32_t source)
{
    const tt_risk_part *part = tt_risk_part_find(trial->parts, source);
    tt_dec used = part == NULL ? TT_DEC_ZERO : tt_risk_part_margin(trial->state, part).d;
    for (uint32_t i = 0; i < trial->state->entry_count; i++) {
        const tt_risk_entry *entry = &trial->state->entries[i];
        used = entry->source == source ? tt_risk_add_money(used, entry->margin.d) : used;
    }
    return used;
}

static const tt_risk_part *endowed(const tt_risk_parts *parts, uint32_t source)
{
    const tt_risk_part *part = source == 0 ? NULL : tt_risk_part_find(parts, source);
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
        if (is_free) {
            tt_dec margin = tt_risk_part_margin(trial->state, &parts->list[i]).d;
            used = tt_risk_add_money(used, margin);
        }
    }
    for (uint32_t i = 0; i < trial->state->entry_count; i++) {
        const tt_risk_entry *entry = &trial->state->entries[i];
        used = is_without(parts, entry->source) ? tt_risk_add_money(used, entry->margin.d) : used;
    }
    return used;
}

/* What capitals and reservations leave of the equity; below zero when it has fallen below them. A
 * reservation of a source with a capital is within that. */
static tt_dec left_of_equity(const tt_risk_state *state, const tt_risk_parts *parts)
{
    tt_dec left = state->account.equity.d;
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (parts->list[i].has_capital != 0) {
            left = tt_dec_xsub(left, tt_risk_part_equity(state, &parts->list[i]).d);
        }
    }
    for (uint32_t i = 0; i < parts->budget_count; i++) {
        if (endowed(parts, parts->budgets[i].source) == NULL) {
            left = tt_dec_xsub(left, parts->budgets[i].reserved.d);
        }
    }
    return left;
}

static tt_dec limit_of(const tt_risk_trial *trial)
{
    const tt_risk_budget *budget = budget_of(trial->parts, trial->source);
    const tt_risk_part *part = endowed(trial->parts, trial->source);
    if (is_without(trial->parts, trial->source)) {
        tt_dec left = left_of_equity(trial->state, trial->parts);
        return tt_dec_max(left, TT_DEC_ZERO);
    }
    tt_dec limit = budget != NULL ? budget->reserved.d : TT_MONEY_MAX;
    if (part != NULL) {
        tt_dec equity = tt_dec_max(tt_risk_part_equity(trial->state, part).d, TT_DEC_ZERO);
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
    tt_dec after = tt_risk_add_money(used, tt_risk_margin(trial->size, (uint8_t)trial->leverage).d);
    if (tt_dec_lt(limit, after)) {
        return tt_risk_refuse(trial, TT_RISK_PLACE_BUDGET, after, limit);
    }
    tt_risk_check row = {.value.d = after, .limit.d = limit, .outcome = TT_check_outcome_PASS};
    tt_risk_list(trial, TT_RISK_PLACE_BUDGET, row);
    return true;
}

/* ---- commands ---- */

/* What may still be reserved for a source: of its own capital, or of what is nobody's. */
static tt_dec free_for(const tt_risk *risk, uint32_t source)
{
    const tt_risk_part *part = endowed(risk->parts, source);
    if (part == NULL) {
        return left_of_equity(risk->state, risk->parts);
    }
    const tt_risk_budget *budget = budget_of(risk->parts, source);
    tt_dec equity = tt_risk_part_equity(risk->state, part).d;
    return budget == NULL ? equity : tt_dec_xsub(equity, budget->reserved.d);
}

/* Says why nothing can be reserved whatever the amount, or returns NULL. */
static const char *reason_against(const tt_risk *risk, uint32_t source)
{
    if (!risk->config.has_parts) {
        return "budgets need account.sub_accounts to be on: risk must know who holds what";
    }
    if (!risk->state->account.is_known) {
        return "there is no account state yet, so there is no capital to reserve";
    }
    bool is_new = row_of(risk->parts, source) == risk->parts->budget_count;
    bool is_full = risk->parts->budget_count == TT_RISK_BUDGETS_MAX;
    return is_new && is_full ? "eight sources have a budget: release one of them first" : NULL;
}
_Static_assert(TT_RISK_BUDGETS_MAX == 8, "the words above name the bound");

static void
take_reserve(tt_risk *risk, const tt_coordinator_command *command, tt_command_reply *reply)
{
    const uint32_t source = command->budget_source;
    const char *name = tt_source_text(command->budget_source);
    char amount[TT_DEC_TEXT_MAX];
    char number[TT_DEC_TEXT_MAX];
    const char *against = reason_against(risk, source);
    reply->status = TT_reply_status_REFUSED;
    if (against != NULL) {
        TT_TEXT_SET(reply->message, against);
        return;
    }
    (void)tt_dec_format(command->amount.d, amount);
    if (tt_dec_sign(command->amount.d) <= 0) {
        TT_TEXT_SET(reply->message, "the amount must be above 0");
        return;
    }
    tt_dec left = free_for(risk, source);
    if (tt_dec_lt(left, command->amount.d)) {
        (void)tt_dec_format_fixed(tt_dec_max(left, TT_DEC_ZERO), 2, number);
        tt_text_format(
            reply->message,
            sizeof reply->message,
            "%s cannot be reserved for %s: %s is left",
            amount,
            name,
            number);
        return;
    }
    const tt_risk_budget *budget = reserve(risk->parts, source, command->amount.d);
    (void)tt_dec_format(budget->reserved.d, number);
    reply->status = TT_reply_status_DONE;
    tt_text_format(
        reply->message, sizeof reply->message, "%s is reserved for %s now", number, name);
}

/* All of it where the amount is 0 or at least what is held. */
static void
take_release(tt_risk *risk, const tt_coordinator_command *command, tt_command_reply *reply)
{
    tt_risk_parts *parts = risk->parts;
    const char *name = tt_source_text(command->budget_source);
    uint32_t row = row_of(parts, command->budget_source);
    tt_risk_budget *budget = &parts->budgets[row];
    char number[TT_DEC_TEXT_MAX];
    if (row == parts->budget_count) {
        reply->status = TT_reply_status_NOT_FOUND;
        tt_text_format(reply->message, sizeof reply->message, "%s has no budget", name);
        return;
    }
    if (tt_dec_sign(command->amount.d) < 0) {
        reply->status = TT_reply_status_REFUSED;
        TT_TEXT_SET(reply->message, "the amount must be above 0; without one all is released");
        return;
    }
    bool is_part =
        !tt_dec_is_zero(command->amount.d) && tt_dec_lt(command->amount.d, budget->reserved.d);
    reply->status = TT_reply_status_DONE;
    if (is_part) {
        budget->reserved.d = tt_dec_xsub(budget->reserved.d, command->amount.d);
        (void)tt_dec_format(budget->reserved.d, number);
        tt_text_format(
            reply->message, sizeof reply->message, "%s is reserved for %s now", number, name);
        return;
    }
    (void)tt_dec_format(budget->reserved.d, number);
    *budget = parts->budgets[--parts->budget_count];
    parts->budgets[parts->budget_count] = (tt_risk_budget){0};
    tt_text_format(
        reply->message,
        sizeof reply->message,
        "all %s of %s is released: it shares what is left",
        number,
        name);
}

tutti_status tt_risk_budgets_command(tt_risk *risk, const tt_coordinator_command *command)
{
    tt_command_reply reply = {.request_id = command->request_id, .command = command->command};
    if (command->budget_source == TT_SOURCE_NONE) {
        reply.status = TT_reply_status_NOT_FOUND;
        TT_TEXT_SET(reply.message, "no source of trades was named");
    } else if (command->command == TT_command_RESERVE_BUDGET) {
        take_reserve(risk, command, &reply);
    } else {
        take_release(risk, command, &reply);
    }
    return tt_risk_reply(risk, &reply);
}
