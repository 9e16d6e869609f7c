/* SPDX-License-Identifier: Apache-2.0 */
/* The hostile venue: loses, repeats and reorders what it says, fills too much, fills what it should
 * not. */
#include "prop_world.h"

model_order *world_order(world *w, uint64_t order_id)
{
    uint32_t slot = 0;
    return tt_map_find(w->slots, order_id, &slot) ? &w->orders[slot - 1] : NULL;
}

/* An order may be forgotten when the module must have forgotten it as well. */
static bool is_reusable(const world *w, const model_order *order)
{
    return order->id == 0 || (tt_order_state_is_final(order->state) &&
                              w->ended - order->ended_at > TT_ORDERS_RECENT + 8);
}

static model_order *take_order(world *w, uint64_t id)
{
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        w->order_cursor = (w->order_cursor + 1) % MODEL_ORDERS;
        model_order *order = &w->orders[w->order_cursor];
        if (is_reusable(w, order)) {
            if (order->id != 0) {
                CHECK(w, tt_map_remove(w->slots, order->id));
            }
            *order = (model_order){.id = id};
            CHECK(w, tt_map_put(w->slots, id, w->order_cursor + 1) == TUTTI_OK);
            return order;
        }
    }
    bool has_too_many_live_orders = true;
    CHECK(w, !has_too_many_live_orders);
    return NULL;
}

/* A repeat is lost when too much is under way; a first word is not: a venue that forgets an
 * execution for ever has another position than the books, and nothing in its reports could tell. */
static void post(world *w, const model_order *order, model_mail mail)
{
    bool is_repeat = mail.exec != 0 && order->execs[mail.exec - 1].is_booked;
    if (w->mail_count > MODEL_MAILS / 2 && is_repeat) {
        return;
    }
    CHECK(w, w->mail_count < MODEL_MAILS);
    if (mail.kind == TT_report_kind_STATUS || mail.kind == TT_report_kind_AMENDED) {
        mail.terms = order->terms;
        mail.amend_id = order->venue_amend;
    }
    mail.order_id = order->id;
    mail.slot = (uint32_t)(order - w->orders);
    w->mails[w->mail_count++] = mail;
}

static void post_execs(world *w, const model_order *order, bool is_reply)
{
    for (uint32_t i = 0; i < order->exec_count; i++) {
        post(
            w,
            order,
            (model_mail){.kind = TT_report_kind_FILL, .exec = i + 1, .is_query_reply = is_reply});
    }
}

static void post_end(world *w, const model_order *order, tt_report_kind kind)
{
    /* Some venues do not say what was filled before the end; then the fills themselves must come.
     */
    int64_t cumulative = chance(w, 300) ? 0 : order->executed;
    if (cumulative == 0) {
        post_execs(w, order, false);
    }
    post(w, order, (model_mail){.kind = (uint8_t)kind, .cumulative = cumulative});
}

void world_receive(world *w, const tt_msg *msg)
{
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    CHECK(w, intent->order_id == msg->seq && world_order(w, msg->seq) == NULL);
    model_order *order = take_order(w, intent->order_id);
    bool is_limit = tt_dec_sign(intent->price.d) > 0;
    tt_price worst = is_limit ? intent->price : intent->reference_price;
    order->instrument = msg->key;
    order->sign = intent->side == TT_side_BUY ? 1 : -1;
    order->role = intent->role;
    order->reduce_only = intent->reduce_only != 0;
    CHECK(w, order->reduce_only == (intent->role != TT_order_role_ENTRY));
    CHECK(w, tt_dec_to_i64(intent->qty.d, 3, TT_ROUND_EXACT, &order->qty) == TUTTI_OK);
    CHECK(w, order->qty > 0);
    order->venue_qty = order->qty;
    order->terms = (tt_amend_terms){intent->qty, intent->price, intent->trigger_price};
    if (!order->reduce_only) {
        CHECK(w, tt_dec_to_i64(worst.d, 2, TT_ROUND_EXACT, &order->worst_price) == TUTTI_OK);
    }
    if (mishap(w, 30)) {
        return; /* Lost on the way. */
    }
    if (mishap(w, 20)) {
        post(w, order, (model_mail){.kind = TT_report_kind_SEND_FAILED, .cause = msg->seq});
        return;
    }
    order->is_known = true;
    order->works = !mishap(w, 50);
    order->venue_state = order->works ? TT_order_state_SUBMITTED : TT_order_state_REJECTED;
    if (!mishap(w, 100)) {
        tt_report_kind kind = order->works ? TT_report_kind_ACCEPTED : TT_report_kind_REJECTED;
        post(w, order, (model_mail){.kind = (uint8_t)kind});
    }
}

static void end_at_venue(world *w, model_order *order, tt_order_state state, tt_report_kind kind)
{
    order->works = false;
    order->venue_state = (uint8_t)state;
    if (!mishap(w, 50)) {
        post_end(w, order, kind);
    }
}

void world_cancel(world *w, const tt_msg *msg)
{
    const tt_order_cancel *cancel = TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel);
    model_order *order = world_order(w, cancel->order_id);
    CHECK(w, order != NULL);
    if (mishap(w, 50)) {
        uint8_t kind = chance(w, 500) ? TT_report_kind_TIMEOUT : TT_report_kind_SEND_FAILED;
        post(w, order, (model_mail){.kind = kind, .cause = msg->seq});
    } else if (order->works && !mishap(w, 50)) {
        end_at_venue(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
    } else {
        post(w, order, (model_mail){.kind = TT_report_kind_CANCEL_REJECTED});
    }
}

/* The amend has arrived, and the order works. */
static void amend_at_venue(world *w, model_order *order, const tt_order_amend *amend)
{
    bool ends = order->amend_qty <= order->executed;
    if (ends && chance(w, 500)) {
        end_at_venue(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
        return;
    }
    order->terms = (tt_amend_terms){amend->qty, amend->price, amend->trigger_price};
    order->venue_qty = ends ? order->executed : order->amend_qty;
    order->terms.qty.d = tt_dec_from_i64(order->venue_qty, 3);
    order->venue_amend = amend->amend_id;
    if (ends) { // Some venues call that an order that is filled.
        order->works = false;
        order->venue_state = TT_order_state_FILLED;
    }
    if (!mishap(w, 100)) {
        post(w, order, (model_mail){.kind = TT_report_kind_AMENDED, .cumulative = order->executed});
    }
}

void world_amend(world *w, const tt_msg *msg)
{
    const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
    model_order *order = world_order(w, amend->order_id);
    CHECK(w, order != NULL && amend->amend_id == msg->seq && order->amend_id == 0);
    CHECK(w, !order->reduce_only);
    bool is_working =
        order->state == TT_order_state_SUBMITTED || order->state == TT_order_state_PARTIALLY_FILLED;
    CHECK(w, is_working);
    bool is_limit = tt_dec_sign(amend->price.d) > 0;
    tt_price worst = is_limit ? amend->price : amend->trigger_price;
    order->amend_id = msg->seq;
    CHECK(w, tt_dec_to_i64(amend->qty.d, 3, TT_ROUND_EXACT, &order->amend_qty) == TUTTI_OK);
    CHECK(w, tt_dec_to_i64(worst.d, 2, TT_ROUND_EXACT, &order->amend_price) == TUTTI_OK);
    CHECK(w, order->amend_qty > order->filled && order->amend_price > 0);
    w->amend_events[0]++;
    if (mishap(w, 50)) {
        return; /* Lost on the way. */
    }
    if (mishap(w, 20)) {
        post(w, order, (model_mail){.kind = TT_report_kind_SEND_FAILED, .cause = msg->seq});
    } else if (!order->works || mishap(w, 50)) {
        model_mail mail = {.kind = TT_report_kind_AMEND_REJECTED, .amend_id = msg->seq};
        post(w, order, mail);
    } else {
        amend_at_venue(w, order, amend);
    }
}

void world_query(world *w, const tt_msg *msg)
{
    const tt_order_query *query = TT_PAYLOAD(msg, ORDER_QUERIES, order_query);
    const model_order *order = world_order(w, query->order_id);
    CHECK(w, order != NULL && tt_order_state_is_final(order->state) == false);
    if (mishap(w, 100)) {
        return;
    }
    if (!order->is_known) {
        post(w, order, (model_mail){.kind = TT_report_kind_NOT_FOUND, .is_query_reply = true});
        return;
    }
    post_execs(w, order, true);
    post(
        w,
        order,
        (model_mail){
            .kind = TT_report_kind_STATUS,
            .venue_state = order->venue_state,
            .cumulative = order->executed,
            .is_query_reply = true});
}

static int64_t quantity_to_execute(world *w, const model_order *order)
{
    int64_t rest = order->venue_qty - order->executed;
    bool is_last = order->exec_count == MODEL_EXECS - 1 || chance(w, 400);
    int64_t qty = is_last ? rest : between(w, 1, rest);
    if (is_last && mishap(w, 8)) {
        qty += between(w, 1, 50); /* More than was ordered. */
    }
    int64_t net = w->net[order->instrument - 1] * -order->sign;
    if (order->reduce_only && !mishap(w, 20)) {
        qty = qty < net ? qty : net;
    }
    return qty;
}

static void execute(world *w, model_order *order)
{
    int64_t qty = quantity_to_execute(w, order);
    if (qty <= 0) {
        end_at_venue(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
        return;
    }
    order->executed += qty;
    w->net[order->instrument - 1] += order->sign * qty;
    order->execs[order->exec_count] = (model_exec){
        .qty = qty,
        .cumulative = order->executed,
        .price = between(w, 8000, 12000),
        .fee = between(w, -50, 500),
    };
    order->exec_count++;
    order->venue_state = TT_order_state_PARTIALLY_FILLED;
    if (order->executed >= order->venue_qty) {
        order->venue_state = TT_order_state_FILLED;
        order->works = false;
    }
    if (!mishap(w, 30)) {
        post(w, order, (model_mail){.kind = TT_report_kind_FILL, .exec = order->exec_count});
    }
}

/* One of the newest orders, more often one of the very newest. */
model_order *world_recent_order(world *w)
{
    uint32_t reach = chance(w, 800) ? 40 : 600;
    uint32_t age = (uint32_t)between(w, 0, reach - 1);
    return &w->orders[(w->order_cursor + MODEL_ORDERS - age) % MODEL_ORDERS];
}

void world_act(world *w)
{
    model_order *order = world_recent_order(w);
    for (unsigned i = 0; i < 16 && !order->works; i++) {
        order = world_recent_order(w);
    }
    if (!order->works || order->exec_count == MODEL_EXECS) {
        return;
    }
    int64_t choice = w->is_calm ? 99 : between(w, 0, 99);
    if (choice < 3) {
        end_at_venue(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
    } else if (choice < 5) {
        end_at_venue(w, order, TT_order_state_EXPIRED, TT_report_kind_EXPIRED);
    } else if (choice < 7) {
        end_at_venue(w, order, TT_order_state_REJECTED, TT_report_kind_REJECTED);
    } else {
        execute(w, order);
    }
}

/* What was lost of an order that the module has ended is sent again in the end: nobody asks any
 * more. */
void world_remind(world *w, const model_order *order)
{
    if (order->id == 0 || !tt_order_state_is_final(order->state)) {
        return;
    }
    for (uint32_t i = 0; i < order->exec_count; i++) {
        if (!order->execs[i].is_booked) {
            post(w, order, (model_mail){.kind = TT_report_kind_FILL, .exec = i + 1});
        }
    }
}
