/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Properties of risk over random histories: positions, fills, losses, ticks and proposals of every
 * kind, good and bad. Whatever happened before, an approved entry is within every limit, and checks
 * only ever take away. TUTTI_SEED in the environment sets another seed.
 */
#include "../lib/config_defaults.h"
#include "../unit/risk/fixture.h"
#include "base/random.h"
#include "risk/risk_entries.h"

#include <string.h>

#define STEPS         40000
#define STRICT_TRADES 30

static tt_random source;

static bool chance(uint64_t in)
{
    return tt_random_below(&source, in) == 0;
}

/* A decimal in [low, high] with `digits` digits. */
static tt_dec draw(int64_t low, int64_t high, int digits)
{
    int64_t scale = 1;
    for (int i = 0; i < digits; i++) {
        scale *= 10;
    }
    return tt_dec_from_i64(tt_random_between(&source, low * scale, high * scale), digits);
}

static uint32_t draw_key(void)
{
    return (uint32_t)tt_random_between(&source, BTC, INSTRUMENTS - 1);
}

static void say_account(risk_court *court)
{
    tt_account_update update = {
        .equity.d = chance(30) ? draw(7000, 12000, 2) : draw(9900, 10300, 2)};
    update.margin_available.d = chance(8) ? draw(0, 12000, 2) : update.equity.d;
    update.exposure.d = chance(8) ? draw(0, 9000, 2) : TT_DEC_ZERO;
    update.pending_exposure.d = chance(4) ? draw(0, 2000, 2) : TT_DEC_ZERO;
    court_say(court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
}

static void say_position(risk_court *court)
{
    tt_position_update update = {
        .mark.d = draw(50, 150, 2),
        .position_id = 1 + tt_random_below(&source, 100),
        .leverage = (uint8_t)tt_random_between(&source, 1, 5),
        .event = TT_position_event_MARKED,
    };
    if (chance(2)) {
        update.event = TT_position_event_CLOSED;
        update.realized_pnl.d = draw(-1, 25, 2);
    } else {
        update.qty.d = draw(-12, 22, 3);
        update.cost.d = tt_dec_xmul(update.qty.d, draw(50, 150, 2));
        tt_dec value = tt_dec_xmul(update.qty.d, update.mark.d);
        update.unrealized_pnl.d = tt_dec_xsub(value, update.cost.d);
    }
    court_say(court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, draw_key(), &update);
}

/* Mostly towards an end; now and then into the unknown and out of it. */
static void say_event(risk_court *court)
{
    const tt_risk_state *state = court->risk->state;
    if (state->entry_count == 0) {
        return;
    }
    const tt_risk_entry *entry = &state->entries[tt_random_below(&source, state->entry_count)];
    bool was_unknown = state->symbols[entry->symbol_index].unknown_orders > 0;
    tt_execution_event event = {
        .filled_qty.d = draw(0, 20, 3),
        .order_id = entry->order_id,
        .old_state = was_unknown ? TT_order_state_UNKNOWN : TT_order_state_SUBMITTED,
        .new_state = TT_order_state_PARTIALLY_FILLED,
        .role = TT_order_role_ENTRY,
    };
    if (!chance(3)) {
        event.new_state = chance(30) ? TT_order_state_UNKNOWN : TT_order_state_CANCELLED;
    }
    uint32_t key = entry->symbol_index + 1;
    court_say(court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

static void say_market(risk_court *court)
{
    tt_quote quote = {.bid.d = draw(98, 102, 2)};
    quote.ask.d = tt_dec_xadd(quote.bid.d, draw(0, 1, 2));
    court_say(court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, draw_key(), &quote);
    tt_indicators indicators = {.atr_14.d = draw(0, 5, 2), .atr_avg_20.d = draw(0, 3, 2)};
    court_say(court, TT_TOPIC_INDICATORS, TT_SOURCE_MARKET, draw_key(), &indicators);
}

/* Mostly sensible, so that many reach the last check; sometimes with one thing wrong. */
static tt_trade_proposal draw_proposal(const risk_court *court, uint32_t key)
{
    int held = key == 0 ? 0 : tt_dec_sign(court->risk->state->symbols[key - 1].qty.d);
    bool is_buy = held == 0 ? chance(2) : (held > 0) != chance(8);
    int sign = is_buy ? 1 : -1;
    tt_trade_proposal proposal = good_proposal();
    proposal.side = is_buy ? TT_side_BUY : TT_side_SELL;
    proposal.entry_price.d = chance(6) ? TT_DEC_ZERO : draw(98, 102, 2);
    proposal.stop_loss.d = tt_dec_from_i64(10000 - sign * tt_random_between(&source, 150, 350), 2);
    proposal.take_profit.d =
        tt_dec_from_i64(10000 + sign * tt_random_between(&source, 500, 3000), 2);
    proposal.size.d = chance(4) ? TT_DEC_ZERO : draw(0, 4000, 2);
    proposal.size_pct.d = draw(0, 40, 2);
    proposal.confidence.d = chance(4) ? draw(0, 1, 3) : TT_DEC_C(99, 2);
    proposal.size_reduction_pct.d = chance(4) ? draw(0, 100, 1) : TT_DEC_ZERO;
    proposal.size_multiplier.d = chance(3) ? draw(0, 2, 2) : TT_DEC_C(1, 0);
    proposal.leverage = (uint8_t)tt_random_between(&source, chance(20) ? 0 : 1, 12);
    proposal.kind = (uint8_t)(chance(6) ? tt_random_below(&source, TT_proposal_kind_COUNT + 1) : 0);
    proposal.regime = (uint8_t)tt_random_below(&source, TT_regime_COUNT);
    proposal.entry_strictness = (uint8_t)tt_random_below(&source, TT_strictness_COUNT);
    return proposal;
}

/* What is held and in flight before the verdict, as an outsider adds it up. */
typedef struct holdings {
    tt_dec symbol;
    tt_dec total;
    tt_dec margin;
    uint32_t others;
    bool is_active; /* The symbol itself is held or in flight: adding to it opens nothing. */
} holdings;

static tt_dec larger(tt_dec a, tt_dec b)
{
    return tt_dec_max(a, b);
}

static holdings add_up(const tt_risk_state *state, uint32_t key)
{
    holdings sum = {.symbol = TT_DEC_ZERO};
    for (uint32_t i = 0; i < INSTRUMENTS - 1; i++) {
        const tt_risk_symbol *symbol = &state->symbols[i];
        tt_dec both = tt_dec_xadd(symbol->exposure.d, symbol->pending.d);
        sum.total = tt_dec_xadd(sum.total, both);
        sum.margin =
            tt_dec_xadd(sum.margin, tt_dec_xadd(symbol->margin.d, symbol->pending_margin.d));
        bool is_active = !tt_dec_is_zero(symbol->qty.d) || symbol->entry_count > 0;
        if (i + 1 == key) {
            sum.symbol = both;
            sum.is_active = is_active;
        } else if (is_active) {
            sum.others++;
        }
    }
    tt_dec stated = tt_dec_xadd(state->account.exposure.d, state->account.pending_exposure.d);
    sum.total = larger(sum.total, stated);
    return sum;
}

static tt_dec percent(tt_dec amount, int64_t percents)
{
    return tt_dec_xmul(amount, tt_dec_from_i64(percents, 2));
}

static void check_entry(const risk_court *court, const holdings *before)
{
    const tt_verdict_view *verdict = &court->verdict;
    const tt_risk_account *account = &court->risk->state->account;
    tt_dec equity = account->equity.d;
    tt_dec notional = tt_dec_xmul(verdict->qty.d, verdict->reference_price.d);
    bool is_rebalance = verdict->kind == TT_proposal_kind_REBALANCE;
    assert_true(!is_rebalance || verdict->side == TT_side_BUY);
    assert_true(tt_dec_le(verdict->size_after.d, verdict->size_before.d));
    assert_true(verdict->leverage_after <= verdict->leverage_before);
    assert_true(verdict->leverage_after >= 1 && verdict->leverage_after <= 5);
    assert_true(tt_dec_le(notional, verdict->size_after.d));
    assert_true(tt_dec_le(TT_DEC_C(5, 0), notional));
    assert_true(tt_dec_is_multiple(verdict->qty.d, TT_DEC_C(1, 3)));
    tt_dec position_max = percent(equity, is_rebalance ? 40 : 20);
    assert_true(tt_dec_le(tt_dec_xadd(before->symbol, verdict->size_after.d), position_max));
    assert_true(tt_dec_le(tt_dec_xadd(before->total, verdict->size_after.d), percent(equity, 80)));
    assert_true(before->is_active || before->others < 5);
    tt_dec margin = tt_dec_xdiv(notional, tt_dec_from_i64(verdict->leverage_after, 0));
    assert_true(tt_dec_le(margin, account->margin_available.d));
    assert_true(tt_dec_le(tt_dec_xadd(before->margin, margin), equity));
    if (is_rebalance) {
        return; // It has no stop.
    }
    tt_dec distance = tt_dec_xabs(tt_dec_xsub(verdict->reference_price.d, verdict->stop_loss.d));
    tt_dec loss = tt_dec_xmul(verdict->qty.d, distance);
    assert_true(tt_dec_le(loss, percent(equity, 2)));
}

/* What the strict configuration asks for beside the common limits. */
static void check_strict_entry(const risk_court *court, uint32_t key, const holdings *before)
{
    const tt_verdict_view *verdict = &court->verdict;
    const tt_risk_state *state = court->risk->state;
    uint32_t reasons = TT_RISK_LOCKS_COOLDOWN | TT_RISK_LOCKS_PROTECTION;
    int64_t hour = court->now.ns % TT_NS_PER_DAY / (3600 * TT_NS_PER_S);
    assert_true(hour >= 2 && hour < 22);
    assert_true(state->entries_today <= STRICT_TRADES);
    assert_true(state->symbols[key - 1].entries_today <= STRICT_TRADES);
    assert_null(tt_risk_lock_find(&state->locks, reasons, key, verdict->side, court->now));
    tt_dec after = tt_dec_xadd(before->symbol, verdict->size_after.d);
    if (key == ETH) {
        assert_true(tt_dec_le(after, percent(state->account.equity.d, 7)));
        tt_dec distance =
            tt_dec_xabs(tt_dec_xsub(verdict->reference_price.d, verdict->stop_loss.d));
        assert_true(tt_dec_le(distance, percent(verdict->reference_price.d, 3)));
    }
    assert_false(state->is_killed || state->closing_count > 0);
}

static void check_reduction(const risk_court *court, uint32_t key)
{
    const tt_verdict_view *verdict = &court->verdict;
    const tt_risk_symbol *symbol = &court->risk->state->symbols[key - 1];
    assert_int_equal(verdict->position_id, symbol->position_id);
    assert_true(tt_dec_le(verdict->qty.d, tt_dec_xabs(symbol->qty.d)));
    assert_true(tt_dec_sign(verdict->qty.d) > 0);
    bool is_long = tt_dec_sign(symbol->qty.d) > 0;
    assert_int_equal(verdict->side, is_long ? TT_side_SELL : TT_side_BUY);
}

static void check_rows(const tt_verdict_view *verdict)
{
    assert_true(verdict->count >= 1 && verdict->count <= TT_MAX_risk_check);
    for (int i = 0; i < verdict->count; i++) {
        const tt_risk_check *row = &verdict->checks[i];
        bool is_last = i + 1 == verdict->count;
        bool is_refusal = row->outcome == TT_check_outcome_REJECT;
        const uint8_t nothing[sizeof row->reserved] = {0};
        assert_memory_equal(row->reserved, nothing, sizeof nothing);
        assert_true(tt_dec_le(row->after.d, row->before.d));
        bool is_clamp = tt_dec_lt(row->after.d, row->before.d);
        assert_true(is_clamp == (row->outcome == TT_check_outcome_CLAMP));
        assert_true(!is_refusal || is_last);
        if (is_last) {
            assert_int_equal(verdict->code, is_refusal ? row->code : TT_risk_code_NONE);
        }
    }
    bool is_approved =
        verdict->status == TT_verdict_APPROVED || verdict->status == TT_verdict_MODIFIED;
    assert_true(is_approved == (verdict->code == TT_risk_code_NONE));
    assert_true(is_approved == (tt_dec_sign(verdict->qty.d) > 0));
}

static uint32_t count_refusals(const risk_court *court)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < court->alert_count; i++) {
        count += court->alerts[i].alert_type == TT_alert_type_TRADE_REJECTED;
    }
    return count;
}

static void judge_one(risk_court *court)
{
    uint32_t key = chance(50) ? 0 : draw_key();
    tt_trade_proposal proposal = draw_proposal(court, key);
    // Entries that nobody has ordered would expire with this proposal; they take no room.
    tt_risk_entries_expire(court->risk->state, tt_bus_next_seq(court->core.bus));
    tt_risk_changed(court->risk);
    holdings before = add_up(court->risk->state, key);
    court_forget(court);
    // Nothing of the verdict before may shine through.
    memset(&court->risk->verdict, 0xa5, sizeof court->risk->verdict);
    tt_risk_code code = court_judge(court, key, &proposal);
    check_rows(&court->verdict);
    assert_int_equal(count_refusals(court), code == TT_risk_code_NONE ? 0 : 1);
    if (code != TT_risk_code_NONE) {
        return;
    }
    bool is_increase =
        proposal.kind == TT_proposal_kind_REBALANCE && court->verdict.position_id == 0;
    if (proposal.kind != TT_proposal_kind_ENTRY && !is_increase) {
        check_reduction(court, key);
        return;
    }
    check_entry(court, &before);
    if (court->config.protection_count > 0 && !is_increase) {
        check_strict_entry(court, key, &before);
    }
    if (chance(2)) {
        (void)court_intent(court, key);
    }
}

static void say_command(risk_court *court)
{
    tt_position_command command = {
        .command = TT_position_command_type_CLOSE,
        .reason = chance(2) ? TT_exit_reason_EMERGENCY : TT_exit_reason_OPERATOR,
    };
    uint32_t key = chance(2) ? 0 : draw_key();
    court_say(court, TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, key, &command);
    tt_system_event event = {.event = TT_system_event_type_COORDINATOR_RESUMED};
    if (chance(4)) {
        event.event = TT_system_event_type_COORDINATOR_HALTED;
    }
    court_say(court, TT_TOPIC_SYSTEM_EVENTS, TT_SOURCE_COORDINATOR, 0, &event);
}

/* Bars of all symbols, so that correlations can be measured and nothing is too old. */
static void say_bars(risk_court *court)
{
    for (uint32_t key = BTC; key < INSTRUMENTS; key++) {
        tt_bar bar = {
            .close.d = draw(99, 101, 2),
            .open_time.ns = court->now.ns / (60 * TT_NS_PER_S) * (60 * TT_NS_PER_S),
            .interval_s = 60,
        };
        court_say(court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, key, &bar);
    }
}

static void step(risk_court *court)
{
    court_wait(court, tt_random_between(&source, 0, 200));
    court_forget(court);
    switch (tt_random_below(&source, 12)) {
    case 0:
        say_account(court);
        break;
    case 1:
        say_position(court);
        break;
    case 2:
        say_event(court);
        break;
    case 3:
    case 4:
    case 5:
        say_market(court);
        break;
    default:
        judge_one(court);
        break;
    }
    if (court->config.protection_count > 0) {
        say_bars(court);
        if (chance(1500)) {
            say_command(court);
        }
    }
    if (court->risk->state->breached[TT_breach_type_MAX_DRAWDOWN] && chance(4)) {
        court_command(court, TT_command_RESET_RISK);
    }
}

static uint64_t seed_of_run(void)
{
    const char *text = getenv("TUTTI_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 20240313;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

/* Runs a history; the histories are worth something only if they reach both ends. */
static void run_history(risk_court *court, uint64_t approved_in)
{
    for (int i = 0; i < STEPS; i++) {
        step(court);
    }
    tt_risk_status status;
    tt_risk_status_get(court->risk, &status);
    print_message(
        "%llu verdicts, %llu approved\n",
        (unsigned long long)status.verdicts,
        (unsigned long long)status.approved);
    for (int code = 1; code < TT_risk_code_COUNT; code++) {
        print_message(
            "  %-20s %llu\n",
            tt_enum_text(&tt_enum_risk_code, (uint8_t)code),
            (unsigned long long)status.rejected[code]);
    }
    assert_true(status.approved > status.verdicts / approved_in);
    court_close(court);
}

static void approvals_are_within_every_limit(void **unused)
{
    (void)unused;
    tt_random_init(&source, seed_of_run(), 0);
    risk_court court;
    court_start(&court);
    run_history(&court, 20);
}

static tt_protection_config protection(tt_protection kind, tt_protection_scope scope)
{
    tt_protection_config rule;
    TT_TEST_DEFAULTS(protection, &rule);
    rule.kind = kind;
    rule.scope = scope;
    rule.stop_duration.ns = 1500 * TT_NS_PER_S;
    return rule;
}

/* The same with everything configured that can be. */
static void strict_approvals_are_within_their_limits_too(void **unused)
{
    (void)unused;
    tt_random_init(&source, seed_of_run(), 1);
    risk_court court;
    court_init(&court);
    tt_risk_module_config *config = &court.config;
    config->sizing.enabled = true;
    config->limits.require_fresh_data = true;
    config->limits.max_trades_per_day = STRICT_TRADES;
    config->correlation.window = 60;
    config->protections[0] = protection(TT_protection_LOW_PROFIT, TT_protection_scope_SYMBOL);
    config->protections[1] = protection(TT_protection_COOLDOWN, TT_protection_scope_SYMBOL_SIDE);
    config->protections[2] = protection(TT_protection_MAX_DRAWDOWN, TT_protection_scope_ALL);
    config->protection_count = 3;
    config->symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &config->symbols[0]);
    TT_TEXT_SET(config->symbols[0].symbol, "ETH/USDT");
    config->symbols[0].max_position_pct = RATIO("7");
    config->symbols[0].max_stop_pct = RATIO("3");
    config->window_count = 1;
    TT_TEXT_SET(config->windows[0].from, "22:00");
    TT_TEXT_SET(config->windows[0].to, "02:00");
    court_open(&court);
    court_account(&court, "10000");
    run_history(&court, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approvals_are_within_every_limit),
        cmocka_unit_test(strict_approvals_are_within_their_limits_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
