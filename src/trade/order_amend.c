/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Other values for an order that works: price, trigger, total quantity. Asked for by a person, here
 * until it is sent; what the venue says of it is in amend_report.c.
 *
 * An amend is a message of its own, recorded before it is sent; its sequence number, with the key
 * of the order, is its key. It stands beside the state of the order: none new is needed. While it
 * is on its way the order counts with the worse of both values, a second one is refused, and a
 * cancel may overtake it. It is never sent again: what became of it is asked.
 *
 * A cut of the quantity alone goes to the venue at once. Everything else is judged by risk as if
 * the rest of the order were a new entry (the order itself left out), and sent only if risk takes
 * nothing away. Orders that reduce follow from their position, and are changed through it.
 */
#include "trade/trade_priv.h"

#include <string.h>

/* A command about an order, as far as it has been looked at. */
typedef struct amend_request {
    tt_trade_module *trade;
    const tt_instrument *instrument;
    tt_order *order;
    tt_amend_terms before;
    tt_amend_terms after;
    tt_seq command_seq;
    tt_seq verdict_seq;
    uint64_t request_id;
} amend_request;

/* Bytes of the text that says what is changed. */
#define CHANGE_TEXT_MAX 96u

__attribute__((format(printf, 4, 5))) static void
reply(tt_trade_module *trade, uint64_t request_id, tt_reply_status status, const char *format, ...)
{
    tt_command_reply payload = {
        .request_id = request_id,
        .command = TT_command_AMEND_ORDER,
        .status = (uint8_t)status,
    };
    va_list args;
    va_start(args, format);
    tt_text_vformat(payload.message, sizeof payload.message, format, args);
    va_end(args);
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_COMMAND_REPLIES, 0, NULL, &payload}, NULL);
}

#define REFUSE(request, ...)                                                                       \
    do {                                                                                           \
        (request)->trade->amends->refused++;                                                       \
        reply((request)->trade, (request)->request_id, TT_reply_status_REFUSED, __VA_ARGS__);      \
    } while (0)

void tt_amend_publish(
    tt_trade_module *trade,
    const tt_order *order,
    tt_execution_event_type event,
    tt_report_kind kind,
    const char *reason)
{
    tt_execution_event change = {
        .event = (uint8_t)event,
        .old_state = order->state,
        .new_state = order->state,
        .report_kind = (uint8_t)kind,
    };
    tt_order_publish_event(trade, order, &change, reason);
}

/* --- may it be amended? --- */

/* Why this order cannot be amended now, whatever the values; NULL if it can. */
static const char *find_obstacle(const tt_order *order)
{
    if (order->intent.reduce_only != 0) {
        return "it reduces a position: protect or close the position instead";
    }
    if (order->is_allocation != 0) {
        return "it is part of a rebalance: cancel it instead";
    }
    if (order->state == TT_order_state_UNKNOWN) {
        return "it is unknown, and the venue is being asked";
    }
    if (!order->acked) {
        return "the venue has not acknowledged it yet";
    }
    if (order->cancel_reason != TT_CANCEL_NONE) {
        return "it is being cancelled";
    }
    if (order->amend.id != 0) {
        return "an amend of it waits for its answer";
    }
    return tt_order_has_gap(order) ? "the venue has filled more than it reported" : NULL;
}

static bool is_asked(tt_dec value)
{
    return !tt_dec_is_zero(value);
}

/* Writes why one value cannot be; false if it can. `unit` is what it must be a multiple of. */
static bool
find_value_fault(const char *name, tt_dec value, tt_dec max, tt_dec unit, char *text, size_t size)
{
    char numbers[2][TT_DEC_TEXT_MAX];
    tt_dec_format(value, numbers[0]);
    if (tt_dec_sign(value) < 0 || tt_dec_lt(max, value)) {
        tt_dec_format(max, numbers[1]);
        tt_text_format(
            text, size, "%s %s is not above 0 and up to %s", name, numbers[0], numbers[1]);
        return true;
    }
    if (!tt_dec_is_multiple(value, unit)) {
        tt_dec_format(unit, numbers[1]);
        tt_text_format(text, size, "%s %s is no multiple of %s", name, numbers[0], numbers[1]);
        return true;
    }
    return false;
}

static tt_dec worth_of(const amend_request *request)
{
    tt_price none = {TT_DEC_ZERO};
    tt_price price = tt_order_value_price(request->after.price, request->after.trigger_price, none);
    return tt_dec_xmul(price.d, request->after.qty.d);
}

/* Writes why the quantity, or what the order would be worth, cannot be; false if it can. The
 * product is taken once both factors are within their bounds. */
static bool find_size_fault(const amend_request *request, char *text, size_t size)
{
    const tt_instrument *instrument = request->instrument;
    const tt_order *order = request->order;
    char numbers[2][TT_DEC_TEXT_MAX];
    tt_dec_format(request->after.qty.d, numbers[0]);
    if (tt_dec_le(request->after.qty.d, order->filled_qty.d)) {
        tt_dec_format(order->filled_qty.d, numbers[1]);
        tt_text_format(
            text,
            size,
            "quantity %s is not above the %s that is filled: cancel the rest instead",
            numbers[0],
            numbers[1]);
        return true;
    }
    if (tt_dec_lt(request->after.qty.d, instrument->min_qty.d)) {
        tt_dec_format(instrument->min_qty.d, numbers[1]);
        tt_text_format(text, size, "quantity %s is below %s", numbers[0], numbers[1]);
        return true;
    }
    tt_dec worth = worth_of(request);
    bool is_small = tt_dec_lt(worth, instrument->min_notional.d);
    if (is_small || tt_dec_lt(TT_NOTIONAL_MAX, worth)) {
        tt_dec_format(is_small ? instrument->min_notional.d : TT_NOTIONAL_MAX, numbers[1]);
        const char *relation = is_small ? "less" : "more";
        tt_text_format(text, size, "the order would be worth %s than %s", relation, numbers[1]);
        return true;
    }
    return false;
}

/* Writes why the values that are asked for cannot be; false if they can. */
static bool find_fault(
    const amend_request *request, const tt_coordinator_command *asked, char *text, size_t size)
{
    const tt_instrument *instrument = request->instrument;
    tt_dec tick = instrument->price_increment.d;
    const char *fault = NULL;
    if (!is_asked(asked->qty.d) && !is_asked(asked->price.d) && !is_asked(asked->trigger_price.d)) {
        fault = "name a price, a trigger, a quantity, or several of them";
    } else if (is_asked(asked->price.d) && !is_asked(request->before.price.d)) {
        fault = "this order has no limit price";
    } else if (is_asked(asked->trigger_price.d) && !is_asked(request->before.trigger_price.d)) {
        fault = "this order has no trigger";
    }
    if (fault != NULL) {
        tt_text_format(text, size, "%s", fault);
        return true;
    }
    tt_dec lot = instrument->qty_increment.d;
    return find_value_fault("quantity", asked->qty.d, TT_QTY_MAX, lot, text, size) ||
           find_value_fault("price", asked->price.d, TT_PRICE_MAX, tick, text, size) ||
           find_value_fault("trigger", asked->trigger_price.d, TT_PRICE_MAX, tick, text, size) ||
           find_size_fault(request, text, size);
}

static bool is_same_price(const amend_request *request)
{
    return tt_dec_eq(request->after.price.d, request->before.price.d) &&
           tt_dec_eq(request->after.trigger_price.d, request->before.trigger_price.d);
}

/* --- sending --- */

static void put_change(tt_text_buf *text, const char *name, tt_dec before, tt_dec after)
{
    if (!tt_dec_eq(before, after)) {
        char numbers[2][TT_DEC_TEXT_MAX];
        tt_dec_format(before, numbers[0]);
        tt_dec_format(after, numbers[1]);
        const char *comma = text->length == 0 ? "" : ", ";
        tt_text_appendf(text, "%s%s %s -> %s", comma, name, numbers[0], numbers[1]);
    }
}

static void describe(const amend_request *request, char buffer[CHANGE_TEXT_MAX])
{
    tt_text_buf text;
    tt_text_init(&text, buffer, CHANGE_TEXT_MAX);
    put_change(&text, "quantity", request->before.qty.d, request->after.qty.d);
    put_change(&text, "price", request->before.price.d, request->after.price.d);
    put_change(&text, "trigger", request->before.trigger_price.d, request->after.trigger_price.d);
}

/* Publishes the amend; 0 if the bus has no room for it. */
static tt_seq publish_amend(const amend_request *request)
{
    tt_trade_module *trade = request->trade;
    const tt_order *order = request->order;
    tt_order_amend payload = {
        .qty = request->after.qty,
        .price = request->after.price,
        .trigger_price = request->after.trigger_price,
        .qty_before = request->before.qty,
        .price_before = request->before.price,
        .trigger_before = request->before.trigger_price,
        .order_id = order->intent.order_id,
        .venue_order_id = order->venue_order_id,
        .amend_id = tt_bus_next_seq(trade->core->bus),
        .verdict_seq = request->verdict_seq,
        .command_seq = request->command_seq,
    };
    TT_TEXT_SET(payload.client_order_id, order->intent.client_order_id);
    tt_seq seq = 0;
    tt_trade_post post = {TT_TOPIC_ORDER_AMENDS, order->instrument, &order->correlation, &payload};
    if (!tt_trade_publish(trade, &post, &seq)) {
        return 0;
    }
    TT_ASSERT(seq == payload.amend_id);
    return seq;
}

static void send_amend(const amend_request *request)
{
    tt_trade_module *trade = request->trade;
    tt_order *order = request->order;
    char change[CHANGE_TEXT_MAX];
    tt_seq seq = publish_amend(request);
    if (seq == 0) {
        // Risk may have reserved for it: the event gives that back.
        tt_amend_publish(
            trade,
            order,
            TT_execution_event_type_ORDER_AMEND_REJECTED,
            TT_report_kind_NONE,
            "the bus has no room for the amend");
        REFUSE(request, "the bus has no room for the amend");
        return;
    }
    tt_trade_rate_take(trade, TT_SEND_ORDERS);
    tt_trade_rate_take(trade, TT_SEND_REQUESTS);
    trade->amends->sent++;
    order->amend = (tt_amend){
        .qty = request->after.qty,
        .price = request->after.price,
        .trigger_price = request->after.trigger_price,
        .id = seq,
        .seen_query = order->query_count,
    };
    tt_account_order_amended(trade, order);
    describe(request, change);
    tt_amend_publish(
        trade, order, TT_execution_event_type_ORDER_AMENDING, TT_report_kind_NONE, change);
    order->doubt_at = (tt_time){0}; // A query under way waits as long as the amend.
    tt_order_settle(trade, order);
    reply(
        trade,
        request->request_id,
        TT_reply_status_DONE,
        "amend of order %llu is on its way: %s",
        (unsigned long long)order->intent.order_id,
        change);
}

/* --- risk --- */

/* What is left of the order at the new values, as a new entry. A person has decided: confidence is
 * 1, and no agent is asked. */
static tt_trade_proposal make_proposal(const amend_request *request)
{
    const tt_order_intent *intent = &request->order->intent;
    const tt_amend_terms *after = &request->after;
    tt_price price = tt_order_value_price(after->price, after->trigger_price, (tt_price){0});
    tt_dec open = tt_dec_xsub(after->qty.d, request->order->filled_qty.d);
    return (tt_trade_proposal){
        .size.d = tt_dec_xmul(open, price.d),
        .entry_price = price,
        .stop_loss = intent->stop_loss,
        .take_profit = intent->take_profit,
        .confidence.d = tt_dec_from_i64(1, 0),
        .ta_confidence.d = tt_dec_from_i64(-1, 0),
        .sentiment_confidence.d = tt_dec_from_i64(-1, 0),
        .size_multiplier.d = tt_dec_from_i64(1, 0),
        .leverage = intent->leverage,
        .kind = TT_proposal_kind_ENTRY,
        .side = intent->side,
        .regime = TT_regime_UNKNOWN,
        .entry_strictness = TT_strictness_NORMAL,
        .is_stop_entry = tt_dec_sign(after->trigger_price.d) > 0,
        .amended_order_id = intent->order_id,
        .amended_qty.d = open,
    };
}

static void propose(const amend_request *request)
{
    tt_trade_module *trade = request->trade;
    const tt_trade_proposal proposal = make_proposal(request);
    tt_seq seq = 0;
    tt_trade_post post = {
        TT_TOPIC_TRADE_PROPOSALS,
        request->order->instrument,
        &request->order->correlation,
        &proposal};
    if (!tt_trade_publish(trade, &post, &seq)) {
        REFUSE(request, "the bus has no room for the proposal");
        return;
    }
    trade->amends->asked = (tt_amend_asked){
        .terms = request->after,
        .proposal_seq = seq,
        .command_seq = request->command_seq,
        .order_id = request->order->intent.order_id,
        .request_id = request->request_id,
    };
}

static amend_request start_request(tt_trade_module *trade, tt_order *order)
{
    return (amend_request){
        .trade = trade,
        .instrument = &trade->core->instruments->list[order->instrument - 1],
        .order = order,
        .before = {order->intent.qty, order->intent.price, order->intent.trigger_price},
    };
}

bool tt_amend_on_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    const tt_amend_asked asked = trade->amends->asked;
    if (asked.proposal_seq == 0 || asked.proposal_seq != verdict->proposal_seq) {
        return false;
    }
    trade->amends->asked = (tt_amend_asked){0};
    /* The verdict follows its proposal within the same step: nothing came between. */
    tt_order *order = tt_order_find(&trade->orders, asked.order_id);
    TT_ASSERT(order != NULL && find_obstacle(order) == NULL);
    amend_request request = start_request(trade, order);
    request.after = asked.terms;
    request.command_seq = asked.command_seq;
    request.verdict_seq = msg->seq;
    request.request_id = asked.request_id;
    tt_dec open = tt_dec_xsub(asked.terms.qty.d, order->filled_qty.d);
    if (verdict->status == TT_verdict_APPROVED && tt_dec_eq(verdict->qty.d, open)) {
        send_amend(&request);
    } else if (verdict->code != TT_risk_code_NONE) {
        REFUSE(&request, "risk: %s", tt_enum_text(&tt_enum_risk_code, verdict->code));
    } else {
        char allowed[TT_DEC_TEXT_MAX];
        tt_dec_format(verdict->size_after.d, allowed);
        REFUSE(&request, "risk would allow no more than %s at these values", allowed);
    }
    return true;
}

/* --- the command --- */

static bool fits_books(const amend_request *request)
{
    tt_order *order = request->order;
    tt_qty open = {tt_dec_xsub(request->after.qty.d, order->filled_qty.d)};
    uint32_t leg = tt_order_leg(request->trade, order);
    return tt_order_fits_books(request->trade, leg, order, order->intent.side, open);
}

static void decide(amend_request *request, const tt_coordinator_command *command)
{
    tt_trade_module *trade = request->trade;
    char fault[112];
    request->after = request->before;
    request->after.qty = is_asked(command->qty.d) ? command->qty : request->before.qty;
    request->after.price = is_asked(command->price.d) ? command->price : request->before.price;
    if (is_asked(command->trigger_price.d)) {
        request->after.trigger_price = command->trigger_price;
    }
    unsigned long long id = request->order->intent.order_id;
    if (find_fault(request, command, fault, sizeof fault)) {
        REFUSE(request, "%s", fault);
        return;
    }
    bool is_same_qty = tt_dec_eq(request->after.qty.d, request->before.qty.d);
    bool is_cut = is_same_price(request) && tt_dec_lt(request->after.qty.d, request->before.qty.d);
    const char *group_fault = tt_group_amend_fault(
        trade,
        request->order,
        tt_order_value_price(request->after.price, request->after.trigger_price, (tt_price){0}));
    if (is_same_price(request) && is_same_qty) {
        reply(
            trade,
            request->request_id,
            TT_reply_status_DONE,
            "order %llu has these values already",
            id);
    } else if (group_fault != NULL) {
        REFUSE(request, "order %llu: %s", id, group_fault);
    } else if (!fits_books(request)) {
        REFUSE(request, "order %llu: the position would be larger than the books can hold", id);
    } else if (
        !tt_trade_rate_has(trade, TT_SEND_ORDERS, 1) ||
        !tt_trade_rate_has(trade, TT_SEND_REQUESTS, 1)) {
        trade->books->counters.rate_refused++;
        REFUSE(request, "too many orders or requests were sent: try again later");
    } else if (is_cut) {
        send_amend(request);
    } else {
        propose(request);
    }
}

void tt_amend_on_command(
    tt_trade_module *trade, const tt_msg *msg, const tt_coordinator_command *command)
{
    unsigned long long id = command->subject_seq;
    tt_order *order = tt_order_find(&trade->orders, command->subject_seq);
    if (order == NULL) {
        trade->amends->refused++;
        reply(
            trade,
            command->request_id,
            TT_reply_status_NOT_FOUND,
            "no order %llu is remembered",
            id);
        return;
    }
    amend_request request = start_request(trade, order);
    request.command_seq = msg->seq;
    request.request_id = command->request_id;
    const char *obstacle = find_obstacle(order);
    if (tt_order_state_is_final(order->state)) {
        const char *state = tt_enum_text(&tt_enum_order_state, order->state);
        REFUSE(&request, "order %llu is over: %s", id, state);
    } else if (obstacle != NULL) {
        REFUSE(&request, "order %llu: %s", id, obstacle);
    } else {
        decide(&request, command);
    }
    tt_account_flush(trade);
}
