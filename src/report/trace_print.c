/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A chain in a trader's words: one function a topic.
 */
#include "base/calendar.h"
#include "model/verdict.h"
#include "report/message_text.h"
#include "report/render.h"
#include "report/trace.h"

#include <inttypes.h>

/** Prints a price unless it is 0, which stands for none. */
static void put_price(FILE *out, const char *label, tt_price price)
{
    if (!tt_dec_is_zero(price.d)) {
        tt_render_dec(out, label, price.d);
    }
}

/** Prints where a position is to be closed. */
static void put_stops(FILE *out, tt_price stop_loss, tt_price take_profit)
{
    put_price(out, ", stop ", stop_loss);
    put_price(out, ", target ", take_profit);
}

/** Starts the line of an item of a list; what it says follows. */
static void put_item(FILE *out, const char *name)
{
    fprintf(out, "\n%*s%-22s ", 30, "", name);
}

/** What has happened, how bad it is, and in words. */
static void put_event(FILE *out, const char *type, uint8_t severity, const char *message)
{
    fprintf(out, "%s (%s): %s", type, tt_enum_text(&tt_enum_severity, severity), message);
}

static void print_fill(FILE *out, const tt_msg *msg)
{
    const tt_fill *fill = TT_PAYLOAD(msg, FILLS, fill);
    fprintf(out, "%s ", tt_enum_text(&tt_enum_side, fill->side));
    tt_render_dec(out, "", fill->qty.d);
    tt_render_dec(out, " at ", fill->price.d);
    tt_render_fixed(out, ", worth ", fill->notional.d, 2);
    tt_render_fixed(out, ", fee ", fill->fee.d, 4);
    fprintf(
        out,
        " (%s), %s position %" PRIu64,
        tt_enum_text(&tt_enum_liquidity, fill->liquidity),
        tt_enum_text(&tt_enum_fill_effect, fill->effect),
        fill->position_id);
    if (fill->effect == TT_fill_effect_REDUCE || fill->effect == TT_fill_effect_CLOSE) {
        tt_render_fixed(out, ", realised ", fill->realized_pnl.d, 4);
        fprintf(out, " (%s)", tt_enum_text(&tt_enum_exit_reason, fill->exit_reason));
    }
}

static void print_waiting(FILE *out, const tt_msg *msg)
{
    static const char *const ends[TT_waiting_event_COUNT] = {
        [TT_waiting_event_NONE] = "",
        [TT_waiting_event_PUT_ASIDE] = "told before the entry that it closes: it waits",
        [TT_waiting_event_BOOKED] = "its entry has filled: it is booked",
        [TT_waiting_event_RELEASED] = "no entry explains it: it is booked on the other side",
    };
    const tt_waiting_fill *what = TT_PAYLOAD(msg, WAITING_FILLS, waiting_fill);
    fprintf(out, "%s ", tt_enum_text(&tt_enum_side, what->side));
    tt_render_dec(out, "", what->qty.d);
    tt_render_dec(out, " at ", what->price.d);
    fprintf(out, ", %s", what->event < TT_waiting_event_COUNT ? ends[what->event] : "");
    tt_render_dec(out, "; waiting now: ", what->waiting_qty.d);
}

static void print_report(FILE *out, const tt_msg *msg)
{
    const tt_venue_report *report = TT_PAYLOAD(msg, VENUE_REPORTS, venue_report);
    fprintf(
        out,
        "the venue says %s for %s, execution %" PRIu64,
        tt_enum_text(&tt_enum_report_kind, report->kind),
        report->client_order_id,
        report->exec_id);
}

static void print_intent(FILE *out, const tt_msg *msg)
{
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    fprintf(
        out,
        "%s: %s %s ",
        tt_enum_text(&tt_enum_order_role, intent->role),
        tt_enum_text(&tt_enum_order_type, intent->type),
        tt_enum_text(&tt_enum_side, intent->side));
    tt_render_dec(out, "", intent->qty.d);
    put_price(out, " limit ", intent->price);
    put_price(out, " trigger ", intent->trigger_price);
    put_stops(out, intent->stop_loss, intent->take_profit);
    fprintf(out, ", key %s", intent->client_order_id);
}

static void put_change(FILE *out, const char *name, tt_dec before, tt_dec after)
{
    if (!tt_dec_eq(before, after)) {
        fprintf(out, ", %s ", name);
        tt_render_dec(out, "", before);
        tt_render_dec(out, " -> ", after);
    }
}

static void print_amend(FILE *out, const tt_msg *msg)
{
    const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
    fprintf(out, "order %" PRIu64, amend->order_id);
    put_change(out, "quantity", amend->qty_before.d, amend->qty.d);
    put_change(out, "limit", amend->price_before.d, amend->price.d);
    put_change(out, "trigger", amend->trigger_before.d, amend->trigger_price.d);
    fprintf(out, ", key %s", amend->client_order_id);
}

static void print_cash(FILE *out, const tt_msg *msg)
{
    const tt_cash_booking *booking = TT_PAYLOAD(msg, CASH_BOOKINGS, cash_booking);
    fputs(tt_enum_text(&tt_enum_cash_kind, booking->kind), out);
    tt_render_dec(out, " of ", booking->amount.d);
    tt_render_dec(out, ", balance ", booking->balance.d);
    fputs(booking->is_acknowledged ? ", as a person said" : ", as the venue told", out);
}

static void print_balance(FILE *out, const tt_msg *msg)
{
    const tt_balance_reconciliation *found =
        TT_PAYLOAD(msg, BALANCE_RECONCILIATIONS, balance_reconciliation);
    fputs(tt_enum_text(&tt_enum_reconcile_stage, found->stage), out);
    if (found->cause != TT_cash_kind_NONE) {
        fprintf(out, " (%s)", tt_enum_text(&tt_enum_cash_kind, found->cause));
    }
    tt_render_dec(out, ": the books have ", found->local_cash.d);
    tt_render_dec(out, ", the venue ", found->venue_cash.d);
    fputs(found->blocks_entries ? ": no entries" : "", out);
}

static void print_verdict(FILE *out, const tt_msg *msg)
{
    tt_verdict_view view;
    tt_verdict_show(TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict), &view);
    const tt_verdict_view *verdict = &view;
    fprintf(out, "%s", tt_enum_text(&tt_enum_verdict, verdict->status));
    if (verdict->code != TT_risk_code_NONE) {
        fprintf(out, " (%s)", tt_enum_text(&tt_enum_risk_code, verdict->code));
    }
    tt_render_fixed(out, ", size ", verdict->size_before.d, 2);
    tt_render_fixed(out, " -> ", verdict->size_after.d, 2);
    fprintf(out, ", leverage %u -> %u", verdict->leverage_before, verdict->leverage_after);
    tt_render_fixed(out, ", equity ", verdict->equity.d, 2);
    tt_render_fixed(out, ", exposure before ", verdict->exposure_pct.d, 2);
    fputs(" %", out);
    for (uint8_t i = 0; i < verdict->count; i++) {
        const tt_risk_check *check = &verdict->checks[i];
        put_item(out, tt_enum_text(&tt_enum_risk_code, check->code));
        fprintf(out, "%-6s", tt_enum_text(&tt_enum_check_outcome, check->outcome));
        tt_render_fixed(out, " value ", check->value.d, 4);
        tt_render_fixed(out, " limit ", check->limit.d, 4);
        if (check->outcome == TT_check_outcome_CLAMP) {
            tt_render_fixed(out, ", cut ", check->before.d, 4);
            tt_render_fixed(out, " -> ", check->after.d, 4);
        }
    }
}

static void print_proposal(FILE *out, const tt_msg *msg)
{
    const tt_trade_proposal *proposal = TT_PAYLOAD(msg, TRADE_PROPOSALS, trade_proposal);
    fprintf(
        out,
        "%s %s, regime %s",
        tt_enum_text(&tt_enum_proposal_kind, proposal->kind),
        tt_enum_text(&tt_enum_side, proposal->side),
        tt_enum_text(&tt_enum_regime, proposal->regime));
    tt_render_fixed(out, ", confidence ", proposal->confidence.d, 4);
    tt_render_fixed(out, ", size ", proposal->size_pct.d, 2);
    fputs(" % of equity", out);
    put_stops(out, proposal->stop_loss, proposal->take_profit);
}

static void print_consensus(FILE *out, const tt_msg *msg)
{
    const tt_consensus *consensus = TT_PAYLOAD(msg, CONSENSUS, consensus);
    fprintf(out, "%u of %u agree", consensus->agreeing, consensus->present);
    tt_render_fixed(out, ", x ", consensus->multiplier.d, 4);
    tt_render_fixed(out, ", confidence ", consensus->confidence_before.d, 4);
    tt_render_fixed(out, " -> ", consensus->confidence_after.d, 4);
    for (uint8_t i = 0; i < consensus->count; i++) {
        const tt_consensus_vote *vote = &consensus->votes[i];
        put_item(out, tt_enum_text(&tt_enum_agent, vote->agent));
        fprintf(out, "%-9s %s", tt_enum_text(&tt_enum_vote_result, vote->result), vote->value);
        if (vote->output_seq != 0) {
            fprintf(out, ", %" PRId64 " s old", vote->age.ns / TT_NS_PER_S);
        }
    }
}

static void print_conflict(FILE *out, const tt_msg *msg)
{
    const tt_conflict_decision *decision = TT_PAYLOAD(msg, CONFLICT_DECISIONS, conflict_decision);
    fprintf(
        out,
        "%s by %s: %s",
        tt_enum_text(&tt_enum_resolution, decision->action),
        decision->arbiter,
        decision->reasoning);
    for (uint8_t i = 0; i < decision->count; i++) {
        const tt_conflict_item *item = &decision->conflicts[i];
        put_item(out, tt_enum_text(&tt_enum_conflict_type, item->type));
        fputs(item->detail, out);
    }
}

static void print_signal(FILE *out, const tt_msg *msg)
{
    const tt_trading_signal *signal = TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal);
    fprintf(
        out,
        "%s says %s",
        tt_source_text(msg->source),
        tt_enum_text(&tt_enum_action, signal->action));
    tt_render_fixed(out, ", confidence ", signal->confidence.d, 4);
    put_price(out, ", entry ", signal->entry_price);
    put_stops(out, signal->stop_loss, signal->take_profit);
    fprintf(out, ": %s", signal->reasoning);
    for (uint8_t i = 0; i < signal->count; i++) {
        const tt_model_vote *vote = &signal->votes[i];
        put_item(out, vote->model);
        fprintf(out, "%-12s", tt_enum_text(&tt_enum_action, vote->action));
        tt_render_fixed(out, " confidence ", vote->confidence.d, 4);
    }
}

static void print_ta(FILE *out, const tt_msg *msg)
{
    const tt_ta_signal *ta = TT_PAYLOAD(msg, TA_SIGNALS, ta_signal);
    fprintf(
        out,
        "technical analysis: %s, bias %s",
        tt_enum_text(&tt_enum_trend, ta->trend_direction),
        tt_enum_text(&tt_enum_bias, ta->bias));
    tt_render_fixed(out, ", confidence ", ta->confidence.d, 4);
    fprintf(out, ": %s", ta->reasoning);
}

static void print_regime(FILE *out, const tt_msg *msg)
{
    const tt_regime_update *regime = TT_PAYLOAD(msg, REGIME_UPDATES, regime_update);
    fprintf(
        out,
        "regime %s (seen now: %s)",
        tt_enum_text(&tt_enum_regime, regime->regime),
        tt_enum_text(&tt_enum_regime, regime->candidate));
    tt_render_fixed(out, ", confidence ", regime->confidence.d, 4);
    fprintf(out, ": %s", regime->reasoning);
}

static void print_sentiment(FILE *out, const tt_msg *msg)
{
    const tt_sentiment_update *sentiment = TT_PAYLOAD(msg, SENTIMENT_UPDATES, sentiment_update);
    fprintf(out, "sentiment %s", tt_enum_text(&tt_enum_sentiment_bias, sentiment->bias));
    tt_render_fixed(out, ", score ", sentiment->score.d, 4);
    tt_render_fixed(out, ", confidence ", sentiment->confidence.d, 4);
}

static void print_call(FILE *out, const tt_msg *msg)
{
    const tt_agent_call *call = TT_PAYLOAD(msg, AGENT_CALLS, agent_call);
    fprintf(
        out,
        "task %s asks %s",
        tt_enum_text(&tt_enum_task, call->task),
        tt_enum_text(&tt_enum_agent, call->agent));
}

static void print_indicators(FILE *out, const tt_msg *msg)
{
    const tt_indicators *set = TT_PAYLOAD(msg, INDICATORS, indicators);
    tt_render_dec(out, "close ", set->close.d);
    tt_render_fixed(out, ", RSI ", set->rsi_14.d, 2);
    tt_render_fixed(out, ", MACD histogram ", set->macd_hist.d, 4);
    tt_render_fixed(out, ", ADX ", set->adx_14.d, 2);
    tt_render_fixed(out, ", ATR ", set->atr_14.d, 4);
    tt_render_fixed(out, ", choppiness ", set->chop_14.d, 2);
    tt_render_fixed(out, ", EMA 9/21/50 ", set->ema_9.d, 2);
    tt_render_fixed(out, " / ", set->ema_21.d, 2);
    tt_render_fixed(out, " / ", set->ema_50.d, 2);
}

static void print_bar(FILE *out, const tt_msg *msg)
{
    const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
    tt_render_dec(out, "open ", bar->open.d);
    tt_render_dec(out, ", high ", bar->high.d);
    tt_render_dec(out, ", low ", bar->low.d);
    tt_render_dec(out, ", close ", bar->close.d);
    tt_render_dec(out, ", volume ", bar->volume.d);
}

static void print_position_command(FILE *out, const tt_msg *msg)
{
    const tt_position_command *command = TT_PAYLOAD(msg, POSITION_COMMANDS, position_command);
    fprintf(
        out,
        "%s, because of %s",
        tt_enum_text(&tt_enum_position_command_type, command->command),
        tt_enum_text(&tt_enum_exit_reason, command->reason));
}

static void print_alert(FILE *out, const tt_msg *msg)
{
    const tt_risk_alert *alert = TT_PAYLOAD(msg, RISK_ALERTS, risk_alert);
    put_event(
        out, tt_enum_text(&tt_enum_alert_type, alert->alert_type), alert->severity, alert->message);
}

static void put_asked(FILE *out, const char *name, tt_dec value)
{
    if (!tt_dec_is_zero(value)) {
        fprintf(out, ", %s ", name);
        tt_render_dec(out, "", value);
    }
}

static void print_command(FILE *out, const tt_msg *msg)
{
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    fprintf(
        out, "%s asked for %s", command->actor, tt_enum_text(&tt_enum_command, command->command));
    if (command->budget_source != TT_SOURCE_NONE) {
        char amount[TT_DEC_TEXT_MAX];
        (void)tt_dec_format(command->amount.d, amount);
        bool is_all = tt_dec_is_zero(command->amount.d);
        fprintf(
            out, " of %s for %s", is_all ? "all" : amount, tt_source_text(command->budget_source));
    }
    if (command->command == TT_command_ACKNOWLEDGE_TRANSFER ||
        command->command == TT_command_ACKNOWLEDGE_COST) {
        tt_render_dec(out, " of ", command->amount.d);
    }
    if (command->command == TT_command_AMEND_ORDER) {
        fprintf(out, " %" PRIu64, command->subject_seq);
        put_asked(out, "quantity", command->qty.d);
        put_asked(out, "limit", command->price.d);
        put_asked(out, "trigger", command->trigger_price.d);
    }
    fprintf(out, ": %s", command->reason);
}

static void print_bus_command(FILE *out, const tt_msg *msg)
{
    const tt_bus_command *command = TT_PAYLOAD(msg, BUS_COMMANDS, bus_command);
    fprintf(
        out,
        "%s asked the bus for %s",
        command->actor,
        tt_enum_text(&tt_enum_bus_command_type, command->command));
    if (command->dead_id != 0) {
        fprintf(out, " of dead letter %llu", (unsigned long long)command->dead_id);
    }
    fprintf(
        out,
        "%s%s: %s",
        command->subscriber[0] ? " of " : "",
        command->subscriber,
        command->reason);
}

static void print_system_event(FILE *out, const tt_msg *msg)
{
    const tt_system_event *event = TT_PAYLOAD(msg, SYSTEM_EVENTS, system_event);
    put_event(
        out,
        tt_enum_text(&tt_enum_system_event_type, event->event),
        event->severity,
        event->message);
}

static void print_notification(FILE *out, const tt_msg *msg)
{
    const tt_notification *notification = TT_PAYLOAD(msg, NOTIFICATIONS, notification);
    put_event(out, "a person is told", notification->severity, notification->message);
}

static void print_exit(FILE *out, const tt_msg *msg)
{
    const tt_exit_event *event = TT_PAYLOAD(msg, EXIT_EVENTS, exit_event);
    fprintf(
        out,
        "%s, %s: %s",
        tt_enum_text(&tt_enum_exit_reason, event->reason),
        tt_enum_text(&tt_enum_exit_action, event->action),
        event->message);
    put_price(out, "; price ", event->price);
    put_price(out, ", best ", event->best);
    put_price(out, ", stop before ", event->stop_before);
    put_price(out, ", stop now ", event->stop_after);
}

static void print_execution(FILE *out, const tt_msg *msg)
{
    const tt_execution_event *event = TT_PAYLOAD(msg, EXECUTION_EVENTS, execution_event);
    fprintf(
        out,
        "%s of order %" PRIu64 ": %s -> %s",
        tt_enum_text(&tt_enum_order_role, event->role),
        event->order_id,
        tt_enum_text(&tt_enum_order_state, event->old_state),
        tt_enum_text(&tt_enum_order_state, event->new_state));
    tt_render_dec(out, ", filled ", event->filled_qty.d);
    tt_render_dec(out, " of ", event->qty.d);
    fprintf(out, "%s%s", event->reason[0] != '\0' ? ": " : "", event->reason);
}

static void print_position(FILE *out, const tt_msg *msg)
{
    const tt_position_update *update = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    fprintf(
        out,
        "position %" PRIu64 " %s",
        update->position_id,
        tt_enum_text(&tt_enum_position_event, update->event));
    tt_render_dec(out, ", quantity ", update->qty.d);
    put_price(out, ", mark ", update->mark);
    tt_render_fixed(out, ", realised ", update->realized_pnl.d, 4);
    tt_render_fixed(out, ", unrealised ", update->unrealized_pnl.d, 4);
}

static void print_account(FILE *out, const tt_msg *msg)
{
    const tt_account_update *update = TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update);
    tt_render_fixed(out, "equity ", update->equity.d, 4);
    tt_render_fixed(out, ", balance ", update->balance.d, 4);
    tt_render_fixed(out, ", unrealised ", update->unrealized_pnl.d, 4);
    tt_render_fixed(out, ", exposure ", update->exposure.d, 2);
    fprintf(out, ", %u positions, %u orders open", update->open_positions, update->open_orders);
}

static void print_health(FILE *out, const tt_msg *msg)
{
    const tt_health_report *report = TT_PAYLOAD(msg, HEALTH_REPORTS, health_report);
    fprintf(
        out,
        "%s %s%s",
        tt_enum_text(&tt_enum_part, report->part),
        report->is_up ? "works" : "does not work",
        report->message[0] == 0 ? "" : ": ");
    fputs(report->message, out);
}

static void print_answer(FILE *out, const tt_msg *msg)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    fprintf(
        out,
        "%s answered %s%s%s",
        answer->model,
        tt_enum_text(&tt_enum_answer_status, answer->status),
        answer->error[0] != '\0' ? ": " : "",
        answer->error);
}

/** A message that has no words of its own: what it is, from whom, and the fields that say
 * something. */
static void print_plain(
    FILE *out, const tt_registry *registry, const tt_msg *msg, const tt_instruments *instruments)
{
    char topic[TT_NUMBER_TEXT_MAX];
    char source[TT_NUMBER_TEXT_MAX];
    char payload[TT_MESSAGE_TEXT_MAX];
    tt_text_buf text;
    tt_text_init(&text, payload, sizeof payload);
    tt_payload_to_text(registry, msg, instruments, &text);
    fprintf(
        out,
        "%s from %s%s%s",
        tt_registry_topic_name(registry, msg->topic, topic),
        tt_registry_source_name(registry, msg->source, source),
        text.length > 0 ? ":" : "",
        payload);
}

typedef void (*print_fn)(FILE *out, const tt_msg *msg);

static const print_fn print_table[TT_TOPIC_COUNT] = {
    [TT_TOPIC_FILLS] = print_fill,
    [TT_TOPIC_WAITING_FILLS] = print_waiting,
    [TT_TOPIC_VENUE_REPORTS] = print_report,
    [TT_TOPIC_ORDER_INTENTS] = print_intent,
    [TT_TOPIC_ORDER_AMENDS] = print_amend,
    [TT_TOPIC_RISK_VERDICTS] = print_verdict,
    [TT_TOPIC_TRADE_PROPOSALS] = print_proposal,
    [TT_TOPIC_CONSENSUS] = print_consensus,
    [TT_TOPIC_CONFLICT_DECISIONS] = print_conflict,
    [TT_TOPIC_TRADING_SIGNALS] = print_signal,
    [TT_TOPIC_TA_SIGNALS] = print_ta,
    [TT_TOPIC_REGIME_UPDATES] = print_regime,
    [TT_TOPIC_SENTIMENT_UPDATES] = print_sentiment,
    [TT_TOPIC_AGENT_CALLS] = print_call,
    [TT_TOPIC_INDICATORS] = print_indicators,
    [TT_TOPIC_MARKET_BAR] = print_bar,
    [TT_TOPIC_CASH_BOOKINGS] = print_cash,
    [TT_TOPIC_BALANCE_RECONCILIATIONS] = print_balance,
    [TT_TOPIC_POSITION_COMMANDS] = print_position_command,
    [TT_TOPIC_RISK_ALERTS] = print_alert,
    [TT_TOPIC_COORDINATOR_COMMANDS] = print_command,
    [TT_TOPIC_BUS_COMMANDS] = print_bus_command,
    [TT_TOPIC_SYSTEM_EVENTS] = print_system_event,
    [TT_TOPIC_NOTIFICATIONS] = print_notification,
    [TT_TOPIC_EXECUTION_EVENTS] = print_execution,
    [TT_TOPIC_POSITION_UPDATES] = print_position,
    [TT_TOPIC_ACCOUNT_UPDATES] = print_account,
    [TT_TOPIC_HEALTH_REPORTS] = print_health,
    [TT_TOPIC_EXIT_EVENTS] = print_exit,
    [TT_TOPIC_AGENT_ANSWERS] = print_answer,
};

void tt_trace_print(FILE *out, const tt_trace *trace, const tt_instruments *instruments)
{
    for (uint32_t i = 0; i < trace->count; i++) {
        const tt_trace_link *link = &trace->links[i];
        char time[TT_TIME_TEXT_MAX];
        tt_time_format(link->msg->time, time);
        const tt_instrument *instrument =
            tt_instrument_find(instruments, (tt_instrument_id){link->msg->key});
        fprintf(
            out,
            "%*s%s #%" PRIu64 "  %s  %s\n%*s",
            2 * link->depth,
            "",
            link->role,
            link->msg->seq,
            time,
            instrument == NULL ? "" : instrument->symbol,
            2 * link->depth + 4,
            "");
        uint16_t topic = link->msg->topic;
        print_fn print = topic < TT_TOPIC_COUNT ? print_table[topic] : NULL;
        if (print != NULL) {
            print(out, link->msg);
        } else {
            print_plain(out, trace->registry, link->msg, instruments);
        }
        fputc('\n', out);
    }
    if (trace->was_cut) {
        fprintf(out, "(only the first %d links are shown)\n", TT_TRACE_LINKS_MAX);
    }
}
