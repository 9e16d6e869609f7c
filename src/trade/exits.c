/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Exit rules: what ends a position, or moves its stop, without a signal.
 *
 *     break-even, trailing stop      exit_stop.c    move the stop, only ever closer to the price
 *     stop guard                     exit_stop.c    the price is beyond a stop that does not act
 *     spread, liquidity              exit_market.c  the market is not one to stay in
 *     time limit, max hold, daily    here           time has passed
 *
 * A rule decides, and the decision is a message, exit_events, with the numbers that it rests on.
 * The module hears its own message and acts: so the order that follows has the decision as its
 * cause, and the decision has the price. A position is closed by one rule: the first; from then on
 * the closing is kept until it is true (close.c), and no rule moves the stop any more.
 *
 * Rules see marks: closes of bars, trades, middles of quotes. The venue sees more and is faster, so
 * the stop itself is an order there (protect.c).
 */
#include "base/calendar.h"
#include "trade/trade_priv.h"

#define HUNDRED (tt_dec_from_i64(100, 0))

static tt_exit *exit_of(tt_trade_module *trade, uint32_t instrument)
{
    return &trade->exits[instrument - 1];
}

tt_price tt_exit_shifted(tt_price price, tt_ratio pct, bool is_up)
{
    tt_dec factor = is_up ? tt_dec_xadd(HUNDRED, pct.d) : tt_dec_xsub(HUNDRED, pct.d);
    tt_dec shifted = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(price.d, factor, HUNDRED, TT_ROUND_HALF_EVEN, &shifted);
    TT_ASSERT(status == TUTTI_OK);
    return (tt_price){shifted};
}

/* --- time --- */

static void take_earlier(tt_time *earliest, tt_time moment)
{
    if (moment.ns != 0 && (earliest->ns == 0 || moment.ns < earliest->ns)) {
        *earliest = moment;
    }
}

void tt_exit_arm(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = exit_of(trade, instrument);
    tt_time earliest = {0};
    take_earlier(&earliest, exit->limit_at);
    take_earlier(&earliest, exit->hold_at);
    take_earlier(&earliest, exit->daily_at);
    take_earlier(&earliest, exit->guard_at);
    take_earlier(&earliest, exit->market_at);
    if (exit->timer.n != 0 && exit->armed_at.ns == earliest.ns) {
        return;
    }
    if (exit->timer.n != 0) {
        (void)tt_timers_cancel(trade->core->timers, exit->timer);
        exit->timer = (tt_timer_id){0};
    }
    exit->armed_at = earliest;
    if (earliest.ns == 0) {
        return;
    }
    tutti_status status = tt_timers_arm(
        trade->core->timers,
        TT_TIMER_TRADE,
        TT_TRADE_TIMER_EXIT,
        instrument,
        earliest,
        &exit->timer);
    TT_ASSERT(status == TUTTI_OK);
}

/* The first close of the day after a moment. */
static tt_time next_daily(tt_time after, tt_dur time_of_day)
{
    int64_t moment = tt_time_day(after) * TT_NS_PER_DAY + time_of_day.ns;
    if (moment <= after.ns) {
        moment += TT_NS_PER_DAY;
    }
    return (tt_time){moment};
}

static tt_time moment_after(tt_time start, tt_dur span)
{
    return (tt_time){span.ns == 0 ? 0 : start.ns + span.ns};
}

static void start_clocks(const tt_exits_config *config, tt_exit *exit, tt_time start)
{
    exit->started_at = start;
    exit->limit_at = moment_after(start, config->time_limit);
    exit->hold_at = moment_after(start, config->max_hold);
    if (config->daily_close.ns != 0) {
        exit->daily_at = next_daily(start, config->daily_close);
    }
}

static void start_exit(tt_trade_module *trade, uint32_t leg)
{
    tt_exit *exit = exit_of(trade, leg);
    const tt_position *position = tt_trade_position(trade, leg);
    const tt_order *opened_by = tt_order_find(&trade->orders, position->opened_by);
    bool is_parted = tt_sub_is_parted(trade);
    exit->position_id = position->position_id;
    exit->is_allocation = !is_parted && opened_by != NULL && opened_by->is_allocation;
    // By parts the rules begin with the trade, which may join what is allocated already.
    tt_time start = is_parted ? tt_trade_now(trade) : position->opened_at;
    start_clocks(&tt_leg_rules(trade, leg)->exits, exit, start);
}

/* An entry of a signal has joined what the portfolio bought: from now on it is a trade. */
static void adopt(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = exit_of(trade, instrument);
    const tt_position *position = tt_trade_position(trade, instrument);
    if (exit->is_allocation != 0 && !tt_dec_is_zero(position->stop_loss.d)) {
        exit->is_allocation = 0;
        start_clocks(&tt_leg_rules(trade, instrument)->exits, exit, tt_trade_now(trade));
        tt_exit_arm(trade, instrument);
    }
}

/* The average price is taken anew when the position grows, not when it shrinks: then it stays the
 * same but for rounding, which must not move levels by a tick. */
static bool note_entry(const tt_trade_module *trade, uint32_t instrument, tt_exit *exit)
{
    tt_sub_position traded = tt_sub_trade(trade, instrument);
    tt_qty held = {tt_dec_xabs(traded.qty.d)};
    bool has_grown = tt_dec_lt(exit->held.d, held.d);
    if (has_grown) {
        exit->entry.d = tt_dec_xdiv(traded.cost.d, traded.qty.d);
    }
    exit->held = held;
    return has_grown;
}

void tt_exits_follow(tt_trade_module *trade, uint32_t instrument)
{
    const tt_position *position = tt_trade_position(trade, instrument);
    tt_exit *exit = exit_of(trade, instrument);
    /* What nobody manages is as good as flat, until it is assigned. */
    bool is_flat = tt_dec_is_zero(tt_sub_traded(trade, instrument).d) || position->is_external != 0;
    uint64_t position_id = is_flat ? 0 : position->position_id;
    if (exit->position_id != position_id) {
        tt_timer_id timer = exit->timer;
        *exit = (tt_exit){
            .atr = exit->atr,
            .tighten_pct = exit->tighten_pct,
            .timer = timer,
            .armed_at = exit->armed_at,
        };
        if (!is_flat) {
            start_exit(trade, instrument);
        }
        tt_exit_arm(trade, instrument);
    }
    bool has_grown = !is_flat && note_entry(trade, instrument, exit);
    if (!is_flat) {
        adopt(trade, instrument);
        tt_exit_keep_stop(trade, instrument);
    }
    if (!tt_dec_is_zero(exit->tighten_pct.d)) {
        tt_exit_tighten_late(trade, instrument, has_grown);
    }
}

/* --- decisions --- */

static tt_exit_event
describe(const tt_exit *exit, const tt_position *position, const tt_exit_decision *decision)
{
    tt_exit_event payload = {
        .price = position->mark,
        .best = exit->best,
        .stop_before = decision->stop_before,
        .stop_after = position->stop_loss,
        .value = decision->value,
        .limit = decision->limit,
        .position_id = position->position_id,
        .due = decision->due,
        .reason = (uint8_t)decision->reason,
        .action = (uint8_t)decision->action,
    };
    TT_TEXT_SET(payload.message, decision->message);
    return payload;
}

/* The portfolio's purchases go on: they are no part of what the rule closes. */
static void cancel_entries(tt_trade_module *trade, uint32_t leg, tt_exit_reason reason)
{
    if (!tt_sub_is_parted(trade)) {
        tt_order_cancel_entries(trade, leg, TT_CANCEL_CLOSING, reason);
        return;
    }
    uint8_t allocation = tt_sub_allocation(trade);
    for (uint8_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (i == 0 || i != allocation) {
            tt_order_cancel_entries_of(trade, leg, i, reason);
        }
    }
}

static void act(tt_trade_module *trade, uint32_t instrument, const tt_exit_event *event)
{
    const tt_position *position = tt_trade_position(trade, instrument);
    bool is_gone = tt_dec_is_zero(position->qty.d) || position->position_id != event->position_id;
    if (is_gone) {
        return;
    }
    if (event->action != TT_exit_action_CLOSE) {
        tt_position_publish(trade, instrument, TT_position_event_MARKED);
        tt_protect_sync(trade, instrument);
        return;
    }
    tt_close_request request = {
        .role = TT_order_role_CLOSE,
        .reason = (tt_exit_reason)event->reason,
        .correlation = position->correlation,
        .spares_allocation = true,
    };
    cancel_entries(trade, instrument, request.reason);
    tt_close_begin(trade, instrument, &request);
}

void tt_exit_decide(tt_trade_module *trade, uint32_t instrument, const tt_exit_decision *decision)
{
    tt_exit *exit = exit_of(trade, instrument);
    const tt_position *position = tt_trade_position(trade, instrument);
    tt_exit_event payload = describe(exit, position, decision);
    if (decision->action == TT_exit_action_CLOSE) {
        exit->is_decided = 1;
        exit->limit_at = exit->hold_at = exit->daily_at = (tt_time){0};
        exit->guard_at = exit->market_at = (tt_time){0};
        tt_exit_arm(trade, instrument);
    }
    tt_trade_post post = {
        TT_TOPIC_EXIT_EVENTS, tt_leg_instrument(instrument), &position->correlation, &payload};
    if (!tt_trade_publish(trade, &post, NULL)) {
        act(trade, instrument, &payload);
    }
}

tutti_status tt_trade_on_exit_event(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_exit_event *event = TT_PAYLOAD(msg, EXIT_EVENTS, exit_event);
    act(trade, msg->key, event);
    if (tt_trade_is_hedging(trade)) {
        act(trade, msg->key + TT_INSTRUMENTS_MAX, event);
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}

tt_exit_reason
tt_exits_reason_of_stop(const tt_trade_module *trade, uint32_t instrument, tt_price level)
{
    const tt_exit *exit = &trade->exits[instrument - 1];
    bool is_ours = !tt_dec_is_zero(exit->level.d) && tt_dec_eq(exit->level.d, level.d);
    return is_ours ? (tt_exit_reason)exit->level_reason : TT_exit_reason_STOP_LOSS;
}

/* --- rules of time --- */

static tt_ratio seconds(int64_t span_ns)
{
    return (tt_ratio){tt_dec_from_i64(span_ns, 9)};
}

static void close_for_time(
    tt_trade_module *trade, uint32_t instrument, tt_exit_reason reason, tt_time due, tt_dur limit)
{
    static const struct {
        tt_exit_reason reason;
        const char *text;
    } texts[] = {
        {TT_exit_reason_TIME_LIMIT, "no profit within the time limit (exits.time_limit)"},
        {TT_exit_reason_MAX_HOLD, "held for as long as is allowed (exits.max_hold)"},
        {TT_exit_reason_CLOSE_TIME, "the close of the day (exits.daily_close)"},
    };
    const char *text = "";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        text = texts[i].reason == reason ? texts[i].text : text;
    }
    const tt_position *position = tt_trade_position(trade, instrument);
    tt_exit_decision decision = {
        .action = TT_exit_action_CLOSE,
        .reason = reason,
        .stop_before = position->stop_loss,
        .value = seconds(tt_trade_now(trade).ns - trade->exits[instrument - 1].started_at.ns),
        .limit = seconds(limit.ns),
        .due = due,
        .message = text,
    };
    tt_exit_decide(trade, instrument, &decision);
}

static bool is_due(tt_time moment, tt_time now)
{
    return moment.ns != 0 && moment.ns <= now.ns;
}

/* Once the time limit has passed, the position goes at the first mark without a profit. */
static void check_time_limit(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = exit_of(trade, instrument);
    const tt_position *position = tt_trade_position(trade, instrument);
    tt_time since =
        moment_after(exit->started_at, tt_leg_rules(trade, instrument)->exits.time_limit);
    tt_sub_position traded = tt_sub_trade(trade, instrument);
    tt_dec value = tt_dec_xmul(traded.qty.d, position->mark.d);
    bool has_profit = tt_dec_lt(traded.cost.d, value);
    if (!is_due(since, tt_trade_now(trade)) || has_profit || exit->is_decided) {
        return;
    }
    close_for_time(
        trade,
        instrument,
        TT_exit_reason_TIME_LIMIT,
        since,
        tt_leg_rules(trade, instrument)->exits.time_limit);
}

static void check_times(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = exit_of(trade, instrument);
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    tt_time now = tt_trade_now(trade);
    if (is_due(exit->hold_at, now)) {
        close_for_time(trade, instrument, TT_exit_reason_MAX_HOLD, exit->hold_at, config->max_hold);
    } else if (is_due(exit->daily_at, now)) {
        close_for_time(
            trade, instrument, TT_exit_reason_CLOSE_TIME, exit->daily_at, config->daily_close);
    } else if (is_due(exit->limit_at, now)) {
        exit->limit_at = (tt_time){0};
        check_time_limit(trade, instrument);
    }
}

/* --- what makes the rules look --- */

/* Tells whether no rule may act on a position any more, or yet. What the portfolio holds is no
 * trade: it is left alone until an entry of a signal gives it a stop. */
bool tt_exit_is_over(tt_trade_module *trade, uint32_t instrument)
{
    const tt_exit *exit = exit_of(trade, instrument);
    return exit->position_id == 0 || exit->is_decided != 0 || exit->is_allocation != 0;
}

static void forget_if_due(tt_time *moment, tt_time now)
{
    if (moment->ns <= now.ns) {
        *moment = (tt_time){0};
    }
}

/* A moment comes once, whether a rule acted or not: an armed timer must lie ahead. */
static void forget_due(tt_exit *exit, tt_time now)
{
    forget_if_due(&exit->limit_at, now);
    forget_if_due(&exit->hold_at, now);
    forget_if_due(&exit->daily_at, now);
    forget_if_due(&exit->guard_at, now);
    forget_if_due(&exit->market_at, now);
}

void tt_exits_on_price(tt_trade_module *trade, uint32_t instrument)
{
    tt_exits_follow(trade, instrument);
    if (tt_exit_is_over(trade, instrument)) {
        return;
    }
    tt_exit_move_stop(trade, instrument);
    tt_exit_watch_stop(trade, instrument);
    check_time_limit(trade, instrument);
}

void tt_exits_on_timer(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = exit_of(trade, instrument);
    tt_time now = tt_trade_now(trade);
    exit->timer = (tt_timer_id){0};
    tt_exits_follow(trade, instrument);
    if (!tt_exit_is_over(trade, instrument)) {
        check_times(trade, instrument);
    }
    if (!tt_exit_is_over(trade, instrument) && is_due(exit->guard_at, now)) {
        tt_exit_guard_due(trade, instrument);
    }
    if (!tt_exit_is_over(trade, instrument) && is_due(exit->market_at, now)) {
        tt_exit_market_due(trade, instrument);
    }
    forget_due(exit, now);
    tt_exit_arm(trade, instrument);
}

tutti_status tt_trade_on_indicators(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    if (tt_trade_has_instrument(trade, msg->key)) {
        tt_ratio atr = TT_PAYLOAD(msg, INDICATORS, indicators)->atr_14;
        exit_of(trade, msg->key)->atr = atr;
        if (tt_trade_is_hedging(trade)) {
            exit_of(trade, msg->key + TT_INSTRUMENTS_MAX)->atr = atr;
        }
    }
    return TUTTI_OK;
}
