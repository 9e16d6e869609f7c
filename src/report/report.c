/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Gathers the report of a run from its messages: one small function a topic.
 */
#include "report/report.h"

#include "report/trade_sources.h"

#include <stdlib.h>
#include <string.h>

/** A curve of equity that halves itself when it is full; from then on points keep the mean distance
 * of those that stayed, so that old and new parts are equally fine. */
typedef struct equity_curve {
    tt_equity_point points[TT_REPORT_POINTS_MAX];
    uint32_t count;
    int64_t spacing_ns;
} equity_curve;

typedef struct price_curve {
    tt_price_point points[TT_REPORT_POINTS_MAX];
    uint32_t count;
    int64_t spacing_ns;
} price_curve;

/** Fills of late, so that the one that closed a position is known by its number. */
enum {
    FILLS_KEPT = 16
};

struct tt_report {
    tt_report_numbers numbers;
    struct {
        tt_seq seq;
        tt_price price;
    } fills[FILLS_KEPT];
    uint32_t next_fill;
    tt_performance performance;
    tt_trade_sources sources;
    equity_curve equity;
    tt_closed_trade *trades;
    uint32_t trade_count;
    price_curve *prices;
    tt_vote_board *votes;
    uint32_t instrument_count;
};

tutti_status tt_report_new(uint32_t instrument_count, tt_report **result)
{
    tt_report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return TUTTI_NO_MEMORY;
    }
    report->prices = calloc(instrument_count, sizeof *report->prices);
    report->trades = calloc(TT_REPORT_TRADES_MAX, sizeof *report->trades);
    report->instrument_count = instrument_count;
    if (report->prices == NULL || report->trades == NULL ||
        tt_vote_board_new(instrument_count, &report->votes) != TUTTI_OK) {
        tt_report_free(report);
        return TUTTI_NO_MEMORY;
    }
    *result = report;
    return TUTTI_OK;
}

void tt_report_free(tt_report *report)
{
    if (report != NULL) {
        tt_vote_board_free(report->votes);
        free(report->prices);
        free(report->trades);
        free(report);
    }
}

static void add_equity(equity_curve *curve, tt_time time, tt_money equity)
{
    tt_equity_point *last = curve->count == 0 ? NULL : &curve->points[curve->count - 1];
    if (last != NULL && time.ns < last->time.ns + curve->spacing_ns) {
        last->equity = equity;
        last->lowest.d = tt_dec_min(last->lowest.d, equity.d);
        return;
    }
    if (curve->count == TT_REPORT_POINTS_MAX) {
        for (uint32_t i = 0; i < TT_REPORT_POINTS_MAX / 2; i++) {
            tt_equity_point merged = curve->points[2 * i + 1];
            merged.time = curve->points[2 * i].time;
            merged.lowest.d = tt_dec_min(merged.lowest.d, curve->points[2 * i].lowest.d);
            curve->points[i] = merged;
        }
        curve->count /= 2;
        curve->spacing_ns = (time.ns - curve->points[0].time.ns) / curve->count;
    }
    curve->points[curve->count++] = (tt_equity_point){time, equity, equity};
}

static void add_price(price_curve *curve, tt_time time, tt_price close)
{
    tt_price_point *last = curve->count == 0 ? NULL : &curve->points[curve->count - 1];
    if (last != NULL && time.ns < last->time.ns + curve->spacing_ns) {
        last->close = close;
        return;
    }
    if (curve->count == TT_REPORT_POINTS_MAX) {
        for (uint32_t i = 0; i < TT_REPORT_POINTS_MAX / 2; i++) {
            curve->points[i] = curve->points[2 * i];
        }
        curve->count /= 2;
        curve->spacing_ns = (time.ns - curve->points[0].time.ns) / curve->count;
    }
    curve->points[curve->count++] = (tt_price_point){time, close};
}

static bool is_instrument(const tt_report *report, uint32_t key)
{
    return key >= 1 && key <= report->instrument_count;
}

static void apply_bar(tt_report *report, const tt_msg *msg)
{
    report->numbers.bars++;
    if (is_instrument(report, msg->key)) {
        const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
        add_price(&report->prices[msg->key - 1], msg->time, bar->close);
        tt_vote_board_price(report->votes, msg->key, msg->time, bar->close.d);
    }
}

static void apply_account(tt_report *report, const tt_msg *msg)
{
    tt_report_numbers *numbers = &report->numbers;
    numbers->account = *TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update);
    tt_money equity = numbers->account.equity;
    add_equity(&report->equity, msg->time, equity);
    const tt_account_record record = {
        .time = msg->time,
        .initial = numbers->account.initial,
        .transfers = numbers->account.transfers,
        .equity = equity,
        .open_positions = numbers->account.open_positions,
    };
    tt_account_figures *figures = &report->performance.account;
    tt_account_figures_add(figures, &record);
    numbers->peak_equity = figures->peak;
    numbers->max_drawdown_pct = figures->worst.pct;
}

static void apply_funding(tt_report *report, const tt_msg *msg)
{
    report->numbers.funding = TT_PAYLOAD(msg, FUNDING, funding)->account_funding;
}

static void apply_proposal(tt_report *report, const tt_msg *msg)
{
    tt_trade_sources_decide(&report->sources, msg);
}

static void apply_agent_call(tt_report *report, const tt_msg *msg)
{
    const tt_agent_call *call = TT_PAYLOAD(msg, AGENT_CALLS, agent_call);
    TT_ASSERT(call->agent < TT_agent_COUNT);
    report->numbers.agents[call->agent].calls++;
}

/** Index of the agent that a source is, or TT_agent_COUNT. */
static unsigned source_agent(uint16_t source)
{
    return source >= TT_SOURCE_AGENT_TA && source <= TT_SOURCE_AGENT_ARBITER
               ? (unsigned)(source - TT_SOURCE_AGENT_TA)
               : TT_agent_COUNT;
}

static void apply_agent_answer(tt_report *report, const tt_msg *msg)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    unsigned agent = source_agent(msg->source);
    if (agent < TT_agent_COUNT && answer->status < TT_answer_status_COUNT) {
        report->numbers.agents[agent].answers[answer->status]++;
    }
}

static void apply_agent_output(tt_report *report, const tt_msg *msg)
{
    unsigned agent = source_agent(msg->source);
    if (agent < TT_agent_COUNT) {
        report->numbers.agents[agent].outputs++;
    }
}

static void apply_signal(tt_report *report, const tt_msg *msg)
{
    const tt_trading_signal *signal = TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal);
    apply_agent_output(report, msg);
    tt_trade_sources_decide(&report->sources, msg);
    if (is_instrument(report, msg->key)) {
        tt_vote_board_signal(report->votes, msg->key, msg->time, signal);
    }
    if (signal->action == TT_action_HOLD) {
        report->numbers.holds++;
    } else {
        report->numbers.signals++;
    }
}

static void apply_verdict(tt_report *report, const tt_msg *msg)
{
    const tt_risk_verdict *verdict = TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict);
    TT_ASSERT(verdict->status < TT_verdict_COUNT && verdict->code < TT_risk_code_COUNT);
    report->numbers.verdicts[verdict->status]++;
    if (verdict->code != TT_risk_code_NONE) {
        report->numbers.rejections[verdict->code]++;
    }
}

static void apply_fill(tt_report *report, const tt_msg *msg)
{
    uint32_t place = report->next_fill++ % FILLS_KEPT;
    report->fills[place].seq = msg->seq;
    report->fills[place].price = TT_PAYLOAD(msg, FILLS, fill)->price;
}

/** Price at which a position ended; the mark, where no fill ended it. */
static tt_price exit_price(const tt_report *report, const tt_position_update *position)
{
    for (uint32_t i = 0; i < FILLS_KEPT && position->cause_fill != 0; i++) {
        if (report->fills[i].seq == position->cause_fill) {
            return report->fills[i].price;
        }
    }
    return position->mark;
}

static void list_trade(tt_report *report, const tt_msg *msg, const tt_position_update *position)
{
    if (report->trade_count == TT_REPORT_TRADES_MAX) {
        return;
    }
    report->trades[report->trade_count++] = (tt_closed_trade){
        .opened_at = position->opened_at,
        .closed_at = msg->time,
        .entry_price = position->entry_price,
        .exit_price = exit_price(report, position),
        .qty = position->max_qty,
        .realized_pnl = position->realized_pnl,
        .fees = position->fees,
        .position_id = position->position_id,
        .exit_fill_id = position->cause_fill,
        .instrument = msg->key,
        .side = position->side,
        .exit_reason = position->exit_reason,
    };
}

static void apply_position(tt_report *report, const tt_msg *msg)
{
    const tt_position_update *position = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    if (position->event == TT_position_event_OPENED) {
        tt_trade_sources_open(&report->sources, msg);
    }
    if (position->event != TT_position_event_CLOSED) {
        return;
    }
    const tt_performance_trade trade = {
        .realized_pnl = position->realized_pnl,
        .fees = position->fees,
        .opened_at = position->opened_at,
        .closed_at = msg->time,
        .source = tt_trade_sources_close(&report->sources, position->position_id),
    };
    tt_performance_add_trade(&report->performance, &trade);
    tt_report_numbers *numbers = &report->numbers;
    numbers->closed_trades++;
    numbers->long_trades += position->side == TT_side_BUY;
    numbers->short_trades += position->side == TT_side_SELL;
    numbers->winning_trades += tt_dec_lt(position->fees.d, position->realized_pnl.d);
    TT_ASSERT(position->exit_reason < TT_exit_reason_COUNT);
    numbers->exits[position->exit_reason]++;
    list_trade(report, msg, position);
}

static void apply_part(tt_report *report, const tt_msg *msg)
{
    const tt_sub_account_update *part = TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
    TT_ASSERT(part->account < TT_SUB_ACCOUNTS_MAX);
    report->numbers.parts[part->account] = *part;
    report->numbers.has_part[part->account] = true;
}

static void apply_conflict(tt_report *report, const tt_msg *msg)
{
    const tt_conflict_decision *decision = TT_PAYLOAD(msg, CONFLICT_DECISIONS, conflict_decision);
    TT_ASSERT(decision->action < TT_resolution_COUNT);
    if (decision->count > 0) { // Without conflicts it only says why nothing follows a signal.
        report->numbers.conflicts++;
        report->numbers.resolutions[decision->action]++;
    }
}

static void apply_alert(tt_report *report, const tt_msg *msg)
{
    const tt_risk_alert *alert = TT_PAYLOAD(msg, RISK_ALERTS, risk_alert);
    TT_ASSERT(alert->alert_type < TT_alert_type_COUNT);
    report->numbers.alerts[alert->alert_type]++;
}

static void apply_feed_event(tt_report *report, const tt_msg *msg)
{
    const tt_feed_event *event = TT_PAYLOAD(msg, FEED_EVENTS, feed_event);
    if (event->event == TT_feed_event_type_ROW_REFUSED && report->numbers.refused_rows++ == 0) {
        report->numbers.first_refused = *event;
    }
}

static void count_tick(tt_report *report, const tt_msg *msg)
{
    (void)msg;
    report->numbers.ticks++;
}

static void apply_trade(tt_report *report, const tt_msg *msg)
{
    count_tick(report, msg);
    if (is_instrument(report, msg->key)) {
        const tt_trade *trade = TT_PAYLOAD(msg, MARKET_TRADE, trade);
        tt_vote_board_price(report->votes, msg->key, msg->time, trade->price.d);
    }
}

static void apply_quote(tt_report *report, const tt_msg *msg)
{
    count_tick(report, msg);
    const tt_quote *quote = TT_PAYLOAD(msg, MARKET_QUOTE, quote);
    bool has_sides = !tt_dec_is_zero(quote->bid.d) && !tt_dec_is_zero(quote->ask.d);
    if (is_instrument(report, msg->key) && has_sides) {
        tt_dec middle = tt_dec_xmul(tt_dec_xadd(quote->bid.d, quote->ask.d), tt_dec_from_i64(5, 1));
        tt_vote_board_price(report->votes, msg->key, msg->time, middle);
    }
}

typedef void (*apply_fn)(tt_report *report, const tt_msg *msg);

static const apply_fn apply_table[TT_TOPIC_COUNT] = {
    [TT_TOPIC_MARKET_BAR] = apply_bar,
    [TT_TOPIC_MARKET_QUOTE] = apply_quote,
    [TT_TOPIC_MARKET_TRADE] = apply_trade,
    [TT_TOPIC_MARKET_DEPTH] = count_tick,
    [TT_TOPIC_FEED_EVENTS] = apply_feed_event,
    [TT_TOPIC_AGENT_CALLS] = apply_agent_call,
    [TT_TOPIC_AGENT_ANSWERS] = apply_agent_answer,
    [TT_TOPIC_TA_SIGNALS] = apply_agent_output,
    [TT_TOPIC_REGIME_UPDATES] = apply_agent_output,
    [TT_TOPIC_SENTIMENT_UPDATES] = apply_agent_output,
    [TT_TOPIC_PORTFOLIO_UPDATES] = apply_agent_output,
    [TT_TOPIC_TRADING_SIGNALS] = apply_signal,
    [TT_TOPIC_CONFLICT_DECISIONS] = apply_conflict,
    [TT_TOPIC_RISK_VERDICTS] = apply_verdict,
    [TT_TOPIC_RISK_ALERTS] = apply_alert,
    [TT_TOPIC_FILLS] = apply_fill,
    [TT_TOPIC_POSITION_UPDATES] = apply_position,
    [TT_TOPIC_ACCOUNT_UPDATES] = apply_account,
    [TT_TOPIC_SUB_ACCOUNT_UPDATES] = apply_part,
    [TT_TOPIC_FUNDING] = apply_funding,
    [TT_TOPIC_TRADE_PROPOSALS] = apply_proposal,
};

static void apply_message(tt_report *report, const tt_msg *msg)
{
    tt_report_numbers *numbers = &report->numbers;
    numbers->messages++;
    numbers->inputs += (msg->flags & TT_MSG_INPUT) != 0;
    if (numbers->start.ns == 0) {
        numbers->start = msg->time;
    }
    numbers->end = msg->time;
    if (msg->topic >= TT_TOPIC_COUNT) {
        return; // Declared at run time: no part of a run of the engine.
    }
    numbers->topics[msg->topic]++;
    if (apply_table[msg->topic] != NULL) {
        apply_table[msg->topic](report, msg);
    }
    numbers->proposals = numbers->topics[TT_TOPIC_TRADE_PROPOSALS];
    numbers->orders = numbers->topics[TT_TOPIC_ORDER_INTENTS];
    numbers->fills = numbers->topics[TT_TOPIC_FILLS];
    numbers->dead_letters = numbers->topics[TT_TOPIC_DEAD_LETTERS];
}

void tt_report_apply(tt_report *report, const void *step, size_t size)
{
    const unsigned char *at = step;
    const unsigned char *end = at + size;
    while (at < end) {
        const tt_msg *msg = (const tt_msg *)(const void *)at;
        apply_message(report, msg);
        at += tt_msg_bytes(msg);
    }
}

const tt_report_numbers *tt_report_numbers_get(const tt_report *report)
{
    return &report->numbers;
}

const tt_performance *tt_report_performance(const tt_report *report)
{
    return &report->performance;
}

const tt_equity_point *tt_report_equity(const tt_report *report, uint32_t *ret_count)
{
    *ret_count = report->equity.count;
    return report->equity.points;
}

const tt_price_point *
tt_report_prices(const tt_report *report, uint32_t instrument, uint32_t *ret_count)
{
    TT_ASSERT(instrument >= 1 && instrument <= report->instrument_count);
    *ret_count = report->prices[instrument - 1].count;
    return report->prices[instrument - 1].points;
}

const tt_model_score *tt_report_models(const tt_report *report, uint32_t *ret_count)
{
    return tt_vote_board_scores(report->votes, ret_count);
}

uint64_t tt_report_votes_lost(const tt_report *report)
{
    return tt_vote_board_lost(report->votes);
}

const tt_closed_trade *tt_report_trades(const tt_report *report, uint32_t *ret_count)
{
    *ret_count = report->trade_count;
    return report->trades;
}
