/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The batches of a plan: when a trade of it is proposed, and when it is not wanted any more.
 *
 * Everything that could move a trade calls tt_legs_work, which does all that can be done now and
 * arms one timer for the next moment at which time alone will change something. So a pause, a
 * restart and a busy symbol need no code of their own: what is due stays due until it can run, or
 * is late.
 */
#include "portfolio/portfolio_priv.h"

#include <inttypes.h>

static const char *const leg_states[] = {
    "none", "pending", "due", "sent", "done", "failed", "skipped"};
static const char *const leg_events[] = {
    "plan", "fall_due", "send", "retry", "finish", "give_up", "skip"};
#define ROW(from, event, to)                                                                       \
    {                                                                                              \
        TT_batch_state_##from, TT_LEG_EVENT_##event, TT_batch_state_##to, 0, 0                     \
    }
static const tt_sm_row leg_rows[] = {
    ROW(NONE, PLAN, PENDING),
    ROW(PENDING, FALL_DUE, DUE),
    ROW(PENDING, SKIP, SKIPPED),
    ROW(DUE, SEND, SENT),
    ROW(DUE, SKIP, SKIPPED),
    ROW(DUE, GIVE_UP, FAILED),
    ROW(SENT, RETRY, DUE),
    ROW(SENT, FINISH, DONE),
    ROW(SENT, GIVE_UP, FAILED),
    ROW(SENT, SKIP, SKIPPED),
};
#undef ROW
const tt_sm_def tt_portfolio_leg_def = {
    .name = "trade of a batch",
    .states = leg_states,
    .state_count = TT_batch_state_COUNT,
    .events = leg_events,
    .event_count = TT_LEG_EVENT_COUNT,
    .rows = leg_rows,
    .row_count = sizeof leg_rows / sizeof leg_rows[0],
    .initial = TT_batch_state_NONE,
    .finals =
        1U << TT_batch_state_DONE | 1U << TT_batch_state_FAILED | 1U << TT_batch_state_SKIPPED,
};

bool tt_leg_is_final(const tt_leg *leg)
{
    return tt_sm_is_final(&tt_portfolio_leg_def, leg->state);
}

static void count_end(tt_portfolio_state *state, uint8_t leg_state)
{
    state->trades_done += leg_state == TT_batch_state_DONE;
    state->trades_failed += leg_state == TT_batch_state_FAILED;
    state->trades_skipped += leg_state == TT_batch_state_SKIPPED;
}

void tt_leg_step(tt_portfolio *portfolio, tt_leg *leg, tt_leg_event event, const char *reason)
{
    uint8_t before = leg->state;
    tt_sm_result result =
        tt_sm_step(&portfolio->machine, portfolio->counts, &leg->state, (uint8_t)event, 0, NULL);
    TT_ASSERT(result == TT_SM_TAKEN);
    count_end(portfolio->state, leg->state);
    tt_portfolio_tell_leg(portfolio, leg, before, reason);
}

static int64_t due_ns(const tt_portfolio *portfolio, uint8_t batch)
{
    const tt_plan_state *plan = &portfolio->state->plan;
    return plan->start.ns + plan->interval.ns * batch;
}

/* The legs of a batch, in their order. */
static tt_leg *first_of(const tt_portfolio *portfolio, uint8_t batch)
{
    uint32_t per_batch = portfolio->state->plan.leg_count / portfolio->state->plan.batches;
    return &portfolio->legs[per_batch * batch];
}

static tt_leg *end_of(const tt_portfolio *portfolio, uint8_t batch)
{
    uint32_t per_batch = portfolio->state->plan.leg_count / portfolio->state->plan.batches;
    return first_of(portfolio, batch) + per_batch;
}

/* --- planning and dropping --- */

static void
fill_leg(const tt_portfolio *portfolio, const tt_plan_row *row, uint8_t batch, tt_leg *leg)
{
    uint8_t batches = portfolio->state->plan.batches;
    *leg = (tt_leg){
        .planned = tt_plan_batch_amount(row->amount, batches, batch),
        .instrument = row->instrument,
        .side = row->side,
        .batch = batch,
        .is_exit = row->is_exit && batch + 1 == batches,
    };
    leg->amount = leg->planned;
}

void tt_legs_start(tt_portfolio *portfolio, const tt_plan *plan)
{
    tt_plan_state *state = &portfolio->state->plan;
    state->leg_count = plan->trade_count * state->batches;
    TT_ASSERT(state->leg_count > 0 && state->leg_count <= TT_PORTFOLIO_LEGS_MAX);
    uint32_t at = 0;
    for (uint8_t batch = 0; batch < state->batches; batch++) {
        for (uint32_t i = 0; i < plan->trade_count; i++) {
            fill_leg(portfolio, &plan->rows[i], batch, &portfolio->legs[at]);
            tt_leg_step(portfolio, &portfolio->legs[at++], TT_LEG_EVENT_PLAN, "planned");
        }
    }
    state->is_active = 1;
}

bool tt_legs_are_sent(const tt_portfolio *portfolio)
{
    for (uint32_t i = 0; i < portfolio->state->plan.leg_count; i++) {
        if (portfolio->legs[i].state == TT_batch_state_SENT) {
            return true;
        }
    }
    return false;
}

uint32_t tt_legs_drop(tt_portfolio *portfolio, uint32_t instrument, const char *reason)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < portfolio->state->plan.leg_count; i++) {
        tt_leg *leg = &portfolio->legs[i];
        bool is_meant = instrument == 0 || leg->instrument == instrument;
        if (is_meant &&
            (leg->state == TT_batch_state_PENDING || leg->state == TT_batch_state_DUE)) {
            tt_leg_step(portfolio, leg, TT_LEG_EVENT_SKIP, reason);
            count++;
        }
    }
    return count;
}

/* --- one trade --- */

void tt_leg_fail_attempt(tt_portfolio *portfolio, tt_leg *leg, tt_dur wait, const char *reason)
{
    const tt_allocation_config *config = &portfolio->config.allocation;
    leg->verdict_seq = 0;
    leg->order_id = 0;
    leg->deadline.ns = 0;
    if (leg->attempts >= config->max_attempts) {
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_GIVE_UP, reason);
        return;
    }
    int64_t pause = wait.ns > config->retry_delay.ns ? wait.ns : config->retry_delay.ns;
    leg->retry_at.ns = tt_portfolio_now(portfolio).ns + pause;
    tt_leg_step(portfolio, leg, TT_LEG_EVENT_RETRY, reason);
}

/* Buys of a plan with limit orders wait for the last price or a better one. */
static tt_price limit_of(const tt_portfolio *portfolio, const tt_leg *leg)
{
    const tt_holding *holding = tt_portfolio_holding(portfolio, leg->instrument);
    bool is_limit = portfolio->state->plan.strategy == TT_rebalance_strategy_LIMIT_ORDERS;
    bool opens = leg->side == TT_side_BUY && tt_dec_sign(holding->qty.d) >= 0;
    return is_limit && opens ? holding->price : (tt_price){TT_DEC_ZERO};
}

static tt_trade_proposal proposal_of(const tt_portfolio *portfolio, const tt_leg *leg)
{
    const tt_ratio none = {tt_dec_from_i64(-1, 0)};
    return (tt_trade_proposal){
        .size = leg->amount,
        .entry_price = limit_of(portfolio, leg),
        .confidence = portfolio->state->plan.confidence,
        .ta_confidence = none,
        .sentiment_confidence = none,
        .size_multiplier = {tt_dec_from_i64(1, 0)},
        .signal_seq = portfolio->state->plan.plan_seq,
        .leverage = 1,
        .kind = leg->is_exit ? TT_proposal_kind_CLOSE : TT_proposal_kind_REBALANCE,
        .side = leg->side,
        .exit_reason = TT_exit_reason_REBALANCE,
    };
}

static void propose(tt_portfolio *portfolio, tt_leg *leg)
{
    const tt_plan_state *plan = &portfolio->state->plan;
    tt_trade_proposal proposal = proposal_of(portfolio, leg);
    tt_time now = tt_portfolio_now(portfolio);
    leg->attempts++;
    leg->retry_at.ns = 0;
    leg->code = TT_risk_code_NONE;
    leg->proposal_seq = tt_portfolio_publish(
        portfolio, TT_TOPIC_TRADE_PROPOSALS, leg->instrument, &plan->correlation, &proposal);
    leg->deadline.ns = now.ns + portfolio->config.allocation.fill_timeout.ns;
    tt_leg_step(portfolio, leg, TT_LEG_EVENT_SEND, leg->is_exit ? "close proposed" : "proposed");
    if (leg->proposal_seq == 0) {
        tt_leg_fail_attempt(portfolio, leg, (tt_dur){0}, "the bus has no room");
    }
}

static bool adds(const tt_portfolio *portfolio, const tt_leg *leg)
{
    const tt_holding *holding = tt_portfolio_holding(portfolio, leg->instrument);
    return leg->side == TT_side_BUY && tt_dec_sign(holding->qty.d) >= 0;
}

/* Other trades of the symbol go first; what adds waits while no entries are made, and everything in
 * an emergency, in which only closes go on. */
static bool must_wait(const tt_portfolio *portfolio, const tt_leg *leg)
{
    const tt_holding *holding = tt_portfolio_holding(portfolio, leg->instrument);
    uint8_t degradation = portfolio->state->degradation;
    bool is_held_back = degradation >= TT_degradation_EMERGENCY ||
                        (degradation >= TT_degradation_LIMITED && adds(portfolio, leg));
    return leg->retry_at.ns > tt_portfolio_now(portfolio).ns || holding->live_orders > 0 ||
           is_held_back;
}

static void try_send(tt_portfolio *portfolio, tt_leg *leg)
{
    if (leg->state != TT_batch_state_DUE || must_wait(portfolio, leg)) {
        return;
    }
    const tt_holding *holding = tt_portfolio_holding(portfolio, leg->instrument);
    if (leg->side == TT_side_SELL && tt_dec_sign(holding->qty.d) <= 0) {
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_SKIP, "nothing is held any more");
        return;
    }
    propose(portfolio, leg);
}

/* --- one batch --- */

static bool are_final(const tt_portfolio *portfolio, uint8_t batch, tt_side side)
{
    for (const tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if ((side == TT_side_NONE || leg->side == side) && !tt_leg_is_final(leg)) {
            return false;
        }
    }
    return true;
}

/* Moment from which a leg that was never tried is late; a batch that has begun gives its buys the
 * time that its sells may take. */
static int64_t late_ns(const tt_portfolio *portfolio, const tt_leg *leg)
{
    const tt_allocation_config *config = &portfolio->config.allocation;
    const tt_leg *first = first_of(portfolio, leg->batch);
    int64_t extra = first->proposal_seq != 0 ? config->fill_timeout.ns : 0;
    return due_ns(portfolio, leg->batch) + config->late_limit.ns + extra;
}

static bool can_be_late(const tt_portfolio *portfolio, const tt_leg *leg)
{
    bool is_waiting = leg->state == TT_batch_state_PENDING || leg->state == TT_batch_state_DUE;
    return is_waiting && leg->attempts == 0 &&
           portfolio->config.allocation.late_policy == TT_late_policy_SKIP;
}

static void skip_late(tt_portfolio *portfolio, uint8_t batch)
{
    int64_t now = tt_portfolio_now(portfolio).ns;
    for (tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (!can_be_late(portfolio, leg) || now <= late_ns(portfolio, leg)) {
            continue;
        }
        char reason[96];
        int64_t late = (now - due_ns(portfolio, batch)) / TT_NS_PER_S;
        tt_text_format(reason, sizeof reason, "late by %" PRId64 " s", late);
        tt_leg_step(portfolio, leg, TT_LEG_EVENT_SKIP, reason);
    }
}

static void give_up_overdue(tt_portfolio *portfolio, uint8_t batch)
{
    int64_t now = tt_portfolio_now(portfolio).ns;
    for (tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (leg->state != TT_batch_state_SENT || leg->deadline.ns > now) {
            continue;
        }
        bool is_part = tt_dec_sign(leg->filled.d) > 0;
        tt_leg_step(
            portfolio,
            leg,
            is_part ? TT_LEG_EVENT_FINISH : TT_LEG_EVENT_GIVE_UP,
            is_part ? "filled in part, the rest is given up" : "no outcome in time");
    }
}

/* What the buys of a batch may cost: what they were meant to take from cash, and what its sells
 * have brought. */
static tt_money budget_of(const tt_portfolio *portfolio, uint8_t batch, tt_money *ret_buys)
{
    tt_dec sells = TT_DEC_ZERO;
    tt_dec buys = TT_DEC_ZERO;
    tt_dec brought = TT_DEC_ZERO;
    ret_buys->d = TT_DEC_ZERO;
    for (const tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (leg->side == TT_side_SELL) {
            sells = tt_dec_xadd(sells, leg->planned.d);
            brought = tt_dec_xadd(brought, tt_dec_min(leg->filled.d, leg->planned.d));
        } else {
            buys = tt_dec_xadd(buys, leg->planned.d);
            bool counts = !tt_leg_is_final(leg) && adds(portfolio, leg);
            ret_buys->d = tt_dec_xadd(ret_buys->d, counts ? leg->amount.d : TT_DEC_ZERO);
        }
    }
    tt_dec from_cash = tt_dec_max(tt_dec_xsub(buys, sells), TT_DEC_ZERO);
    return (tt_money){tt_dec_xadd(from_cash, brought)};
}

static void cut_buys(tt_portfolio *portfolio, uint8_t batch)
{
    tt_plan_state *plan = &portfolio->state->plan;
    if (plan->scaled > batch) {
        return;
    }
    plan->scaled = (uint8_t)(batch + 1);
    tt_money sum;
    tt_money budget = budget_of(portfolio, batch, &sum);
    for (tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (leg->state != TT_batch_state_DUE || !adds(portfolio, leg)) {
            continue;
        }
        leg->amount = tt_plan_cut(leg->amount, budget, sum);
        bool is_small = tt_dec_lt(leg->amount.d, portfolio->config.allocation.min_trade.d) ||
                        tt_dec_is_zero(leg->amount.d);
        if (is_small && tt_dec_lt(leg->amount.d, leg->planned.d)) {
            char reason[96];
            char text[TT_DEC_TEXT_MAX];
            tt_dec_format_fixed(budget.d, 2, text);
            tt_text_format(reason, sizeof reason, "the sells leave only %s for buys", text);
            tt_leg_step(portfolio, leg, TT_LEG_EVENT_SKIP, reason);
        }
    }
}

static void send_side(tt_portfolio *portfolio, uint8_t batch, tt_side side)
{
    for (tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (leg->side == side) {
            try_send(portfolio, leg);
        }
    }
}

static void fall_due(tt_portfolio *portfolio, uint8_t batch)
{
    for (tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        if (leg->state == TT_batch_state_PENDING) {
            tt_leg_step(portfolio, leg, TT_LEG_EVENT_FALL_DUE, "due");
        }
    }
}

/* Does what can be done for a batch now; true when all of it is final. */
static bool work_batch(tt_portfolio *portfolio, uint8_t batch)
{
    give_up_overdue(portfolio, batch);
    bool is_due = due_ns(portfolio, batch) <= tt_portfolio_now(portfolio).ns;
    if (is_due && tt_portfolio_is_running(portfolio)) {
        skip_late(portfolio, batch);
        fall_due(portfolio, batch);
        send_side(portfolio, batch, TT_side_SELL);
        if (are_final(portfolio, batch, TT_side_SELL)) {
            cut_buys(portfolio, batch);
            send_side(portfolio, batch, TT_side_BUY);
        }
    }
    return are_final(portfolio, batch, TT_side_NONE);
}

/* --- the next wake-up --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When time alone changes something for a leg of a batch that is due. */
static int64_t wake_of(const tt_portfolio *portfolio, const tt_leg *leg)
{
    if (leg->state == TT_batch_state_SENT) {
        return leg->deadline.ns;
    }
    int64_t wake = TT_TIME_NEVER.ns;
    if (leg->state != TT_batch_state_DUE || !tt_portfolio_is_running(portfolio)) {
        return wake;
    }
    if (leg->retry_at.ns > tt_portfolio_now(portfolio).ns) {
        wake = leg->retry_at.ns;
    }
    return can_be_late(portfolio, leg) ? earlier(wake, late_ns(portfolio, leg) + 1) : wake;
}

static int64_t next_wake(const tt_portfolio *portfolio, uint8_t batch)
{
    int64_t due = due_ns(portfolio, batch);
    if (due > tt_portfolio_now(portfolio).ns) {
        return due;
    }
    int64_t wake = TT_TIME_NEVER.ns;
    for (const tt_leg *leg = first_of(portfolio, batch); leg < end_of(portfolio, batch); leg++) {
        wake = earlier(wake, wake_of(portfolio, leg));
    }
    return wake;
}

static void wake_at(tt_portfolio *portfolio, int64_t wake)
{
    tt_portfolio_state *state = portfolio->state;
    tt_timers *timers = portfolio->core->timers;
    if (state->timer.n != 0 && state->woken_at.ns == wake) {
        return;
    }
    if (state->timer.n != 0) {
        (void)tt_timers_cancel(timers, state->timer);
        state->timer.n = 0;
    }
    state->woken_at.ns = wake;
    if (wake == TT_TIME_NEVER.ns) {
        return;
    }
    // Without a free timer the next bar does its work.
    if (tt_timers_arm(timers, TT_TIMER_PORTFOLIO, 0, 0, state->woken_at, &state->timer) !=
        TUTTI_OK) {
        state->timer.n = 0;
    }
}

void tt_legs_work(tt_portfolio *portfolio)
{
    tt_plan_state *plan = &portfolio->state->plan;
    int64_t wake = TT_TIME_NEVER.ns;
    if (plan->is_active) {
        uint8_t batch = 0;
        while (batch < plan->batches && work_batch(portfolio, batch)) {
            batch++;
        }
        if (batch == plan->batches) {
            tt_portfolio_end_plan(portfolio);
        } else {
            wake = next_wake(portfolio, batch);
        }
    }
    wake_at(portfolio, wake);
}
