/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rules of risk.protections, judged whenever a trade closes:
 *
 *   stoploss_guard   trade_limit stop-losses below required_profit_pct within lookback
 *   max_drawdown     the results within lookback, one after another, fall by more than
 *                    max_drawdown_pct from their highest point; at least trade_limit trades
 *   low_profit       trade_limit trades of the symbol within lookback earned less than
 *                    required_profit_pct together
 *   cooldown         any closed trade
 *
 * Each holds entries in its scope back for stop_duration (risk_locks.c). A trade that closed
 * exactly `lookback` ago counts.
 */
#include "risk/risk_protections.h"

#include "base/error.h"
#include "risk/risk_priv.h"

/* What a rule has measured. */
typedef struct finding {
    tt_ratio value;
    tt_ratio limit;
    const char *words; /* Behind value and before limit; NULL: there is nothing to hold back. */
} finding;

static bool is_per_symbol(const tt_protection_config *rule)
{
    return rule->scope == TT_protection_scope_SYMBOL ||
           rule->scope == TT_protection_scope_SYMBOL_SIDE;
}

static bool is_per_side(const tt_protection_config *rule)
{
    return rule->scope == TT_protection_scope_SIDE ||
           rule->scope == TT_protection_scope_SYMBOL_SIDE;
}

static bool
is_counted(const tt_protection_config *rule, const tt_risk_trade *trade, const tt_risk_trade *now)
{
    return (!is_per_symbol(rule) || trade->key == now->key) &&
           (!is_per_side(rule) || trade->side == now->side);
}

/* Trades within the lookback, whatever their scope. */
static uint32_t
count_recent(const tt_risk_trades *trades, const tt_protection_config *rule, tt_time now)
{
    uint32_t count = 0;
    while (count < trades->count &&
           tt_risk_trade_at(trades, count)->closed_at.ns >= now.ns - rule->lookback.ns) {
        count++;
    }
    return count;
}

/* However the stop came to its price: where it was set first, or moved later. */
static bool is_stop(uint8_t exit_reason)
{
    return exit_reason == TT_exit_reason_STOP_LOSS || exit_reason == TT_exit_reason_TRAILING_STOP ||
           exit_reason == TT_exit_reason_BREAK_EVEN || exit_reason == TT_exit_reason_STOP_GUARD ||
           exit_reason == TT_exit_reason_LOSS_BREAKER;
}

static bool is_stopped(const tt_protection_config *rule, const tt_risk_trade *trade)
{
    return is_stop(trade->exit_reason) &&
           tt_dec_lt(trade->profit_pct.d, rule->required_profit_pct.d);
}

static finding
stoploss_guard(const tt_risk_trades *trades, const tt_protection_config *rule, uint32_t recent)
{
    const tt_risk_trade *now = tt_risk_trade_at(trades, 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < recent; i++) {
        const tt_risk_trade *trade = tt_risk_trade_at(trades, i);
        count += is_counted(rule, trade, now) && is_stopped(rule, trade);
    }
    return (finding){
        .value = tt_risk_number(count),
        .limit = tt_risk_number(rule->trade_limit),
        .words = count >= rule->trade_limit ? "stop-losses, limit" : NULL,
    };
}

static finding
low_profit(const tt_risk_trades *trades, const tt_protection_config *rule, uint32_t recent)
{
    const tt_risk_trade *now = tt_risk_trade_at(trades, 0);
    tt_dec sum = TT_DEC_ZERO;
    uint32_t count = 0;
    for (uint32_t i = 0; i < recent; i++) {
        const tt_risk_trade *trade = tt_risk_trade_at(trades, i);
        if (is_counted(rule, trade, now)) {
            sum = tt_dec_xadd(sum, trade->profit_pct.d);
            count++;
        }
    }
    bool is_low = count >= rule->trade_limit && tt_dec_lt(sum, rule->required_profit_pct.d);
    return (finding){
        .value.d = sum,
        .limit = rule->required_profit_pct,
        .words = is_low ? "% profit, least" : NULL,
    };
}

/* Largest fall of the line that the results draw, which ends at the equity as last told. */
static finding max_drawdown(
    const tt_risk_trades *trades,
    const tt_protection_config *rule,
    uint32_t recent,
    tt_money equity)
{
    finding result = {.limit = rule->max_drawdown_pct};
    tt_money value = equity;
    for (uint32_t i = 0; i < recent; i++) {
        value.d = tt_dec_xsub(value.d, tt_risk_trade_at(trades, i)->result.d);
    }
    tt_money peak = value;
    for (uint32_t i = recent; i > 0; i--) {
        value.d = tt_dec_xadd(value.d, tt_risk_trade_at(trades, i - 1)->result.d);
        peak.d = tt_dec_max(peak.d, value.d);
        result.value.d = tt_dec_max(result.value.d, tt_risk_drawdown(peak, value).d);
    }
    bool is_deep =
        recent >= rule->trade_limit && tt_dec_lt(rule->max_drawdown_pct.d, result.value.d);
    result.words = is_deep ? "% drawdown of the trades, limit" : NULL;
    return result;
}

static finding find_out(const tt_risk *risk, const tt_protection_config *rule, tt_time now)
{
    const tt_risk_trades *trades = &risk->state->trades;
    uint32_t recent = count_recent(trades, rule, now);
    switch (rule->kind) {
    case TT_protection_STOPLOSS_GUARD:
        return stoploss_guard(trades, rule, recent);
    case TT_protection_MAX_DRAWDOWN:
        return max_drawdown(trades, rule, recent, risk->state->account.equity);
    case TT_protection_LOW_PROFIT:
        return low_profit(trades, rule, recent);
    case TT_protection_COOLDOWN:
    case TT_protection_COUNT:
        break;
    }
    return (finding){.value = tt_risk_number(1), .words = "trade closed, limit"};
}

static tt_lock_reason reason_of(tt_protection kind)
{
    switch (kind) {
    case TT_protection_STOPLOSS_GUARD:
        return TT_lock_reason_STOPLOSS_GUARD;
    case TT_protection_MAX_DRAWDOWN:
        return TT_lock_reason_MAX_DRAWDOWN;
    case TT_protection_LOW_PROFIT:
        return TT_lock_reason_LOW_PROFIT;
    case TT_protection_COOLDOWN:
    case TT_protection_COUNT:
        break;
    }
    return TT_lock_reason_COOLDOWN;
}

static tutti_status
raise_lock(tt_risk *risk, const tt_msg *msg, const tt_risk_lock *lock, const finding *found)
{
    char value[TT_DEC_TEXT_MAX];
    char limit[TT_DEC_TEXT_MAX];
    bool is_usual = lock->reason == TT_lock_reason_COOLDOWN;
    tt_risk_alert alert = {
        .value = found->value,
        .limit = found->limit,
        .subject_seq = msg->seq,
        .until = lock->until,
        .alert_type = TT_alert_type_PROTECTION,
        .severity = is_usual ? TT_severity_INFO : TT_severity_WARNING,
        .code = TT_risk_code_PROTECTION_LOCK,
        .lock = lock->reason,
    };
    (void)tt_dec_format(found->value.d, value);
    (void)tt_dec_format(found->limit.d, limit);
    int64_t seconds = (lock->until.ns - msg->time.ns) / TT_NS_PER_S;
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "protection %u, %s: %s %s %s: no %s on %s for %lld s",
        lock->rule,
        tt_enum_text(&tt_enum_lock_reason, lock->reason),
        value,
        found->words,
        limit,
        lock->side == TT_side_NONE ? "entries" : tt_enum_text(&tt_enum_side, lock->side),
        lock->key == 0 ? "any symbol" : "the symbol",
        (long long)seconds);
    return tt_risk_raise(risk, lock->key, &alert);
}

static tutti_status judge_rule(tt_risk *risk, const tt_msg *msg, uint32_t index)
{
    const tt_protection_config *rule = &risk->config.protections[index];
    const tt_risk_trade *trade = tt_risk_trade_at(&risk->state->trades, 0);
    finding found = find_out(risk, rule, msg->time);
    if (!found.words) {
        return TUTTI_OK;
    }
    tt_risk_lock lock = {
        .until.ns = msg->time.ns + rule->stop_duration.ns,
        .subject_seq = msg->seq,
        .key = is_per_symbol(rule) ? trade->key : 0,
        .reason = (uint8_t)reason_of(rule->kind),
        .side = is_per_side(rule) ? trade->side : (uint8_t)TT_side_NONE,
        .rule = (uint8_t)index,
    };
    if (!tt_risk_lock_begin(&risk->state->locks, &lock, msg->time)) {
        return TUTTI_OK; // It was in force; it has only become longer.
    }
    return raise_lock(risk, msg, &lock, &found);
}

/* Result in percent of what the position cost at most. */
static tt_ratio profit_of(tt_money result, tt_money cost)
{
    tt_ratio profit = {TT_DEC_ZERO};
    if (tt_dec_sign(cost.d) <= 0) {
        return profit;
    }
    tutti_status status =
        tt_dec_muldiv(result.d, TT_DEC_C(100, 0), cost.d, TT_ROUND_HALF_EVEN, &profit.d);
    bool is_sane = status == TUTTI_OK && tt_dec_le(tt_dec_xabs(profit.d), TT_DEC_C(1000000, 0));
    return is_sane ? profit : (tt_ratio){TT_DEC_C(tt_dec_sign(result.d) * 1000000, 0)};
}

static void note_trade(tt_risk *risk, const tt_msg *msg, const tt_position_update *update)
{
    tt_risk_trades *trades = &risk->state->trades;
    tt_risk_symbol *symbol = &risk->state->symbols[msg->key - 1];
    tt_money result = {tt_dec_xsub(update->realized_pnl.d, update->fees.d)};
    trades->list[trades->next] = (tt_risk_trade){
        .result = result,
        .profit_pct = profit_of(result, symbol->cost_max),
        .closed_at = msg->time,
        .key = msg->key,
        .side = update->side,
        .exit_reason = update->exit_reason,
    };
    trades->next = (trades->next + 1) % TT_RISK_TRADES_MAX;
    trades->count += trades->count < TT_RISK_TRADES_MAX;
}

tutti_status
tt_risk_protections_closed(tt_risk *risk, const tt_msg *msg, const tt_position_update *update)
{
    if (risk->config.protection_count == 0) {
        return TUTTI_OK;
    }
    note_trade(risk, msg, update);
    tutti_status status = TUTTI_OK;
    for (uint32_t i = 0; i < risk->config.protection_count && status == TUTTI_OK; i++) {
        status = judge_rule(risk, msg, i);
    }
    return status;
}
