/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A line a message: what a person who watches wants to know.
 */
#include "cli/activity.h"

#include "base/calendar.h"
#include "report/render.h"

#include <inttypes.h>

static void print_signal(FILE *out, const tt_msg *msg)
{
    const tt_trading_signal *signal = TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal);
    fprintf(out, "signal    %s", tt_enum_text(&tt_enum_action, signal->action));
    tt_render_fixed(out, "  confidence ", signal->confidence.d, 2);
    fprintf(out, "  by %s", tt_source_text(msg->source));
}

static void print_fill(FILE *out, const tt_msg *msg)
{
    const tt_fill *fill = TT_PAYLOAD(msg, FILLS, fill);
    fprintf(out, "fill      %s ", tt_enum_text(&tt_enum_side, fill->side));
    tt_render_dec(out, "", fill->qty.d);
    tt_render_dec(out, " at ", fill->price.d);
    fprintf(
        out, "  (%s, fill %" PRIu64 ")", tt_enum_text(&tt_enum_order_role, fill->role), msg->seq);
}

static void print_position(FILE *out, const tt_msg *msg)
{
    const tt_position_update *position = TT_PAYLOAD(msg, POSITION_UPDATES, position_update);
    fprintf(out, "closed    %s", position->side == TT_side_BUY ? "long" : "short");
    tt_render_fixed(out, "  P&L ", tt_dec_xsub(position->realized_pnl.d, position->fees.d), 2);
    fprintf(out, " after fees  (%s)", tt_enum_text(&tt_enum_exit_reason, position->exit_reason));
}

static void print_conflict(FILE *out, const tt_msg *msg)
{
    const tt_conflict_decision *decision = TT_PAYLOAD(msg, CONFLICT_DECISIONS, conflict_decision);
    fprintf(
        out,
        "conflict  %s: %s",
        tt_enum_text(&tt_enum_resolution, decision->action),
        decision->reasoning);
}

static void print_alert(FILE *out, const tt_msg *msg)
{
    const tt_risk_alert *alert = TT_PAYLOAD(msg, RISK_ALERTS, risk_alert);
    fprintf(
        out,
        "alert     %s: %s",
        tt_enum_text(&tt_enum_alert_type, alert->alert_type),
        alert->message);
}

static void print_system(FILE *out, const tt_msg *msg)
{
    const tt_system_event *event = TT_PAYLOAD(msg, SYSTEM_EVENTS, system_event);
    fprintf(
        out,
        "system    %s %s %s",
        tt_enum_text(&tt_enum_system_event_type, event->event),
        event->subject,
        event->message);
}

static void print_notification(FILE *out, const tt_msg *msg)
{
    fprintf(out, "notice    %s", TT_PAYLOAD(msg, NOTIFICATIONS, notification)->message);
}

typedef void (*print_fn)(FILE *out, const tt_msg *msg);

static const print_fn print_table[TT_TOPIC_COUNT] = {
    [TT_TOPIC_TRADING_SIGNALS] = print_signal,
    [TT_TOPIC_FILLS] = print_fill,
    [TT_TOPIC_POSITION_UPDATES] = print_position,
    [TT_TOPIC_CONFLICT_DECISIONS] = print_conflict,
    [TT_TOPIC_RISK_ALERTS] = print_alert,
    [TT_TOPIC_SYSTEM_EVENTS] = print_system,
    [TT_TOPIC_NOTIFICATIONS] = print_notification,
};

void tt_activity_print(FILE *out, const tt_msg *msg, const tt_instruments *instruments)
{
    char time[TT_TIME_TEXT_MAX];
    const tt_time seconds = {msg->time.ns / TT_NS_PER_S * TT_NS_PER_S};
    tt_time_format(seconds, time);
    const tt_instrument *instrument = tt_instrument_find(instruments, (tt_instrument_id){msg->key});
    fprintf(out, "%s  %-10s ", time, instrument == NULL ? "" : instrument->symbol);
    if (msg->topic < TT_TOPIC_COUNT && print_table[msg->topic] != NULL) {
        print_table[msg->topic](out, msg);
    }
    fputc('\n', out);
}
