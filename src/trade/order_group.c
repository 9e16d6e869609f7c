/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two entries of which the first that fills cancels the other.
 *
 *     WORKING    both are sent, nothing filled
 *     DECIDED    one has filled, in whole or in part; the other is being cancelled
 *     WITHDRAWN  one ended without a fill; the other is being cancelled, for half a group is a bet
 *                that nobody asked for
 *     BOTH       the other filled before its cancel came
 *     DONE REFUSED  final: the record is gone
 *
 * Both or none: risk judges each half as if both could fill, and nothing is sent before both are
 * approved. The first fill decides, also a partial one: the rest of that entry works on. Until the
 * venue says that the other is over, it counts in full; an answer that does not come makes it
 * unknown, and it is asked for as any order (order_timeout.c).
 *
 * When both fill, nothing new is opened to repair it. What the other one has opened is closed by a
 * reduce-only order, and the rest of the first is cancelled. In netting it may have reduced the
 * position of the first instead: then there is nothing to close, and what is left keeps its stop.
 * An entry that is not wanted carries the mark itself, so that a fill which comes after everything
 * else is over is undone as well.
 */
#include "trade/order_group.h"

#include "trade/trade_priv.h"

static const char *const state_names[] = {
#define STATE_NAME(e, name, text) text,
    TT_ENUM_group_state(STATE_NAME)
#undef STATE_NAME
};

static const char *const event_names[] = {
#define EVENT_NAME(name) #name,
    TT_GROUP_EVENT_LIST(EVENT_NAME)
#undef EVENT_NAME
};

#define ROW(from, event, to)                                                                       \
    {                                                                                              \
        TT_group_state_##from, TT_GROUP_EVENT_##event, TT_group_state_##to, 0, 0                   \
    }

/* clang-format off */
static const tt_sm_row rows[] = {
    ROW(NONE, SENT, WORKING),
    ROW(NONE, REFUSED, REFUSED),
    ROW(WORKING, FILL, DECIDED),
    ROW(WORKING, END, WITHDRAWN),
    ROW(WITHDRAWN, FILL, DECIDED),
    ROW(WITHDRAWN, END, DONE),
    ROW(DECIDED, OTHER_FILL, BOTH),
    ROW(DECIDED, OTHER_END, DONE),
    ROW(BOTH, OTHER_FILL, BOTH),
    ROW(BOTH, OTHER_END, DONE),
};
/* clang-format on */
#undef ROW

const tt_sm_def tt_group_machine = {
    .name = "entry_group",
    .states = state_names,
    .state_count = TT_group_state_COUNT,
    .events = event_names,
    .event_count = TT_GROUP_EVENT_COUNT,
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .initial = TT_group_state_NONE,
    .finals = 1u << TT_group_state_DONE | 1u << TT_group_state_REFUSED,
};

/* Offers an event; publishes the change, and frees the record at the end. */
static void step_group(
    tt_trade_module *trade,
    tt_group *group,
    tt_group_event event,
    uint64_t order_id,
    const char *reason)
{
    uint8_t old_state = group->state;
    tt_sm_result result = tt_sm_step(
        &trade->group_machine, &trade->groups->transitions, &group->state, (uint8_t)event, 0, NULL);
    if (result != TT_SM_TAKEN) {
        return;
    }
    tt_entry_group_event payload = {
        .group_seq = group->group_seq,
        .first_order_id = group->order_ids[0],
        .second_order_id = group->order_ids[1],
        .winner_order_id = group->winner,
        .order_id = order_id,
        .old_state = old_state,
        .new_state = group->state,
    };
    TT_TEXT_SET(payload.reason, reason);
    tt_trade_post post = {
        TT_TOPIC_ENTRY_GROUP_EVENTS, group->instrument, &group->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
    if (tt_sm_is_final(&tt_group_machine, group->state)) {
        *group = (tt_group){0};
    }
}

/* --- both or none --- */

tutti_status tt_trade_on_group(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    /* What the coordinator refuses gets no verdicts; the next one takes its place. */
    trade->groups->asked = (tt_group_asked){
        .group_seq = msg->seq,
        .correlation = msg->correlation,
        .instrument = msg->key,
        .source = msg->source,
    };
    return TUTTI_OK;
}

static tt_group *free_place(tt_trade_module *trade)
{
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        if (trade->groups->list[i].group_seq == 0) {
            return &trade->groups->list[i];
        }
    }
    return NULL;
}

/* Why a group cannot be sent now; NULL if it can. */
static const char *find_obstacle(tt_trade_module *trade, const tt_group_asked *asked)
{
    uint32_t legs[2];
    uint32_t sends = 0;
    for (uint32_t i = 0; i < 2; i++) {
        const tt_order_intent *intent = &asked->intents[i];
        legs[i] = tt_trade_leg(trade, asked->instrument, intent->side);
        sends += 1u + !tt_dec_is_zero(intent->stop_loss.d) + !tt_dec_is_zero(intent->take_profit.d);
    }
    if (asked->refused != 0) {
        return "risk has not approved both entries";
    }
    for (uint32_t i = 0; i < 2; i++) {
        const tt_order_intent *intent = &asked->intents[i];
        if (!tt_order_fits_books(trade, legs[i], NULL, intent->side, intent->qty)) {
            return "the position would be larger than the books can hold";
        }
    }
    if (tt_close_is_active(trade, legs[0]) || tt_close_is_active(trade, legs[1])) {
        return "the position is being closed";
    }
    if (tt_sync_blocks(trade, asked->instrument)) {
        return "the venue holds what is not resolved";
    }
    if (tt_waiting_blocks(trade, asked->instrument)) {
        return "a close was told before its entry and waits for it";
    }
    if (trade->orders.table->live_count + 2 > TT_ORDERS_MAX - TT_ORDERS_RESERVED) {
        return "too many orders are open";
    }
    if (free_place(trade) == NULL) {
        return "too many groups are at work";
    }
    bool has_rate = tt_trade_rate_has(trade, TT_SEND_ORDERS, sends) &&
                    tt_trade_rate_has(trade, TT_SEND_REQUESTS, sends);
    return has_rate ? NULL : "too many orders or requests were sent";
}

static void refuse_group(tt_trade_module *trade, const tt_group_asked *asked, const char *reason)
{
    tt_group group = {
        .group_seq = asked->group_seq,
        .correlation = asked->correlation,
        .instrument = asked->instrument,
    };
    trade->groups->refused++;
    step_group(trade, &group, TT_GROUP_EVENT_REFUSED, 0, reason);
    tt_trade_alert alert = {
        .type = TT_alert_type_TRADE_REJECTED,
        .severity = TT_severity_HIGH,
        .code = (tt_risk_code)asked->code,
        .key = asked->instrument,
        .subject = asked->group_seq,
        .correlation = &asked->correlation,
    };
    tt_trade_raise(trade, &alert, "no entry of the group is sent: %s", reason);
}

static uint8_t number_of(const tt_trade_module *trade, const tt_group *group)
{
    return (uint8_t)(group - trade->groups->list + 1);
}

/* The other entry of the group, or NULL when it is forgotten. */
static tt_order *other_of(tt_trade_module *trade, const tt_group *group, uint64_t order_id)
{
    uint64_t other = group->order_ids[0] == order_id ? group->order_ids[1] : group->order_ids[0];
    return other == 0 ? NULL : tt_order_find(&trade->orders, other);
}

static void send_group(tt_trade_module *trade, tt_group_asked *asked)
{
    tt_group *group = free_place(trade);
    *group = (tt_group){
        .group_seq = asked->group_seq,
        .correlation = asked->correlation,
        .instrument = asked->instrument,
    };
    tt_order *sent[2];
    for (uint32_t i = 0; i < 2; i++) {
        sent[i] =
            tt_order_submit(trade, &asked->intents[i], asked->instrument, &asked->correlation);
        if (sent[i] != NULL) {
            sent[i]->account = tt_sub_of_source(trade, asked->source);
            sent[i]->group = number_of(trade, group);
            group->order_ids[i] = sent[i]->intent.order_id;
        }
    }
    step_group(trade, group, TT_GROUP_EVENT_SENT, 0, "both entries are sent");
    /* The bus had no room for an intent: the other one must not stand alone. */
    for (uint32_t i = 0; i < 2; i++) {
        if (sent[i] == NULL) {
            step_group(trade, group, TT_GROUP_EVENT_END, 0, "an entry could not be recorded");
        } else if (sent[1 - i] == NULL) {
            tt_order_request_cancel(trade, sent[i], TT_CANCEL_GROUP);
        }
    }
}

bool tt_group_on_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    tt_group_asked *asked = &trade->groups->asked;
    if (asked->group_seq == 0) {
        return false;
    }
    const tt_msg *found =
        tt_bus_find(trade->core->bus, TT_TOPIC_TRADE_PROPOSALS, verdict->proposal_seq);
    const tt_trade_proposal *proposal =
        found == NULL ? NULL : TT_PAYLOAD(found, TRADE_PROPOSALS, trade_proposal);
    if (proposal == NULL || proposal->group_seq != asked->group_seq) {
        return false;
    }
    bool is_approved =
        (verdict->status == TT_verdict_APPROVED || verdict->status == TT_verdict_MODIFIED) &&
        tt_order_verdict_is_usable(verdict);
    if (is_approved) {
        asked->intents[asked->count] =
            tt_order_entry_intent(trade, msg, verdict, proposal->is_stop_entry != 0);
    } else {
        asked->code = asked->refused == 0 ? verdict->code : asked->code;
        asked->refused = 1;
    }
    asked->count++;
    if (asked->count == 2) {
        const char *obstacle = find_obstacle(trade, asked);
        if (obstacle != NULL) {
            refuse_group(trade, asked, obstacle);
        } else {
            send_group(trade, asked);
        }
        *asked = (tt_group_asked){0};
    }
    return true;
}

/* --- one cancels the other --- */

/* The group of an order that is at work; NULL if there is none, or it is over. */
static tt_group *group_of(tt_trade_module *trade, const tt_order *order)
{
    if (order->group == 0) {
        return NULL;
    }
    tt_group *group = &trade->groups->list[order->group - 1];
    uint64_t id = order->intent.order_id;
    return group->order_ids[0] == id || group->order_ids[1] == id ? group : NULL;
}

static void decide(tt_trade_module *trade, tt_group *group, tt_order *winner)
{
    uint64_t id = winner->intent.order_id;
    tt_order *other = other_of(trade, group, id);
    group->winner = id;
    step_group(trade, group, TT_GROUP_EVENT_FILL, id, "filled first: the other one is cancelled");
    if (other == NULL || tt_order_state_is_final(other->state)) {
        step_group(trade, group, TT_GROUP_EVENT_OTHER_END, id, "the other one was over already");
    }
    if (other != NULL) {
        other->is_unwanted = 1;
        tt_order_request_cancel(trade, other, TT_CANCEL_GROUP);
    }
}

/* Closes what a fill of the entry that is not wanted has opened; true if there was something. */
static bool undo_fill(tt_trade_module *trade, tt_order *order, tt_qty fill_qty)
{
    const tt_position *position = tt_trade_position(trade, tt_order_leg(trade, order));
    int side = order->intent.side == TT_side_BUY ? 1 : -1;
    if (tt_dec_sign(position->qty.d) != side) {
        return false; /* It has reduced what the first one holds, or made it flat. */
    }
    uint8_t usual = order->close_reason;
    order->close_reason = TT_exit_reason_OTHER_FILLED;
    tt_close_unwanted_fill(trade, order, fill_qty);
    order->close_reason = usual;
    trade->groups->repairs++;
    return true;
}

static void repair(tt_trade_module *trade, tt_order *order, tt_qty fill_qty)
{
    tt_group *group = group_of(trade, order);
    bool is_undone = undo_fill(trade, order, fill_qty);
    tt_trade_alert alert = {
        .type = TT_alert_type_FILL_HANDLING_FAILURE,
        .severity = TT_severity_HIGH,
        .key = order->instrument,
        .subject = order->intent.order_id,
        .correlation = &order->correlation,
    };
    const char *what = is_undone
                           ? "both entries of a group filled: what the second opened is closed"
                           : "both entries of a group filled: the second reduced the first";
    tt_trade_raise(trade, &alert, "%s", what);
    if (group != NULL) {
        tt_order *winner = tt_order_find(&trade->orders, group->winner);
        step_group(trade, group, TT_GROUP_EVENT_OTHER_FILL, order->intent.order_id, what);
        if (winner != NULL) {
            tt_order_request_cancel(trade, winner, TT_CANCEL_GROUP);
        }
    }
}

void tt_group_on_fill(tt_trade_module *trade, tt_order *order, tt_qty fill_qty)
{
    if (order->is_unwanted != 0) {
        repair(trade, order, fill_qty);
        return;
    }
    tt_group *group = group_of(trade, order);
    if (group != NULL && group->winner == 0) {
        decide(trade, group, order);
    }
}

void tt_group_on_end(tt_trade_module *trade, const tt_order *order)
{
    tt_group *group = group_of(trade, order);
    uint64_t id = order->intent.order_id;
    if (group == NULL || group->winner == id) {
        return;
    }
    if (group->winner != 0) {
        step_group(trade, group, TT_GROUP_EVENT_OTHER_END, id, "the other one is over");
        return;
    }
    tt_order *other = other_of(trade, group, id);
    bool is_last = group->state == TT_group_state_WITHDRAWN;
    step_group(
        trade,
        group,
        TT_GROUP_EVENT_END,
        id,
        is_last ? "both are over without a fill"
                : "one is over without a fill: the other one is cancelled");
    if (!is_last && other != NULL) {
        tt_order_request_cancel(trade, other, TT_CANCEL_GROUP);
    }
}

/* The entries of a group stay apart: the upper one above the lower one. */
const char *tt_group_amend_fault(tt_trade_module *trade, const tt_order *order, tt_price new_price)
{
    const tt_group *group = group_of(trade, order);
    const tt_order *other = group == NULL ? NULL : other_of(trade, group, order->intent.order_id);
    if (other == NULL || tt_order_state_is_final(other->state)) {
        return NULL;
    }
    bool is_upper = group->order_ids[0] == order->intent.order_id;
    tt_price bound = other->intent.reference_price;
    tt_price bound_amended = tt_order_value_price(
        other->amend.price, other->amend.trigger_price, bound); // On its way, or the same.
    tt_dec nearest =
        is_upper ? tt_dec_max(bound.d, bound_amended.d) : tt_dec_min(bound.d, bound_amended.d);
    bool is_apart = is_upper ? tt_dec_lt(nearest, new_price.d) : tt_dec_lt(new_price.d, nearest);
    return is_apart ? NULL : "it would meet the other entry of its group";
}
