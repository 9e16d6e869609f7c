/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The venue of prop_books: what it does and what it says of it; books_arrive.c brings it.
 */
#include "books_world.h"

#include <stdlib.h>

/* Bound of |fee| in spot: a thousandth of the notional. */
#define FEE_PER_MILLE 1

bw_order *bw_find(bw_world *w, uint64_t order_id)
{
    uint32_t slot = 0;
    return tt_map_find(w->slots, order_id, &slot) ? &w->orders[slot - 1] : NULL;
}

static bool is_settled(const bw_order *order)
{
    bool is_over = tt_order_state_is_final(order->state) && !order->works;
    for (uint32_t i = 0; i < order->exec_count; i++) {
        is_over = is_over && order->execs[i].is_booked;
    }
    return is_over;
}

static bw_order *take_order(bw_world *w, uint64_t id)
{
    for (uint32_t i = 0; i < BW_ORDERS; i++) {
        w->cursor = (w->cursor + 1) % BW_ORDERS;
        bw_order *order = &w->orders[w->cursor];
        bool is_old = is_settled(order) && w->ended - order->ended_at > TT_ORDERS_RECENT + 8;
        if (order->id == 0 || is_old) {
            if (order->id != 0) {
                BW_CHECK(w, tt_map_remove(w->slots, order->id));
            }
            *order = (bw_order){.id = id};
            BW_CHECK(w, tt_map_put(w->slots, id, w->cursor + 1) == TUTTI_OK);
            return order;
        }
    }
    bw_fail(w, "more orders than the venue can keep");
    return NULL;
}

static void post(bw_world *w, bw_mail mail)
{
    bool is_lost = w->is_down && mail.what == BW_REPORT && bw_chance(w, 500);
    if (is_lost && !w->is_calm) {
        return;
    }
    BW_CHECK(w, w->mail_count < BW_MAILS);
    w->mails[w->mail_count++] = mail;
}

static void post_report(bw_world *w, const bw_order *order, bw_mail mail)
{
    mail.what = BW_REPORT;
    mail.id = order->id;
    mail.place = (uint32_t)(order - w->orders);
    post(w, mail);
}

static uint32_t sub_of_source(bw_world *w, uint32_t source)
{
    for (uint32_t i = 1; source != 0 && i < BM_SUBS; i++) {
        if (w->source_of[i] == 0 || w->source_of[i] == source) {
            w->source_of[i] = source;
            w->model.allocation = source == TT_SOURCE_PORTFOLIO ? i : w->model.allocation;
            return i;
        }
    }
    return 0;
}

static const bw_verdict *find_verdict(const bw_world *w, uint64_t seq)
{
    uint64_t count = w->verdict_count < BW_VERDICTS ? w->verdict_count : BW_VERDICTS;
    for (uint64_t i = 1; seq != 0 && i <= count; i++) {
        const bw_verdict *verdict = &w->verdicts[(w->verdict_count - i) % BW_VERDICTS];
        if (verdict->seq == seq) {
            return verdict;
        }
    }
    return NULL;
}

/* Seen by parts, an order that a source asks for sells of its own, or of what nobody stands for;
 * what protects is of all but what is allocated. */
static void check_part(bw_world *w, const bw_order *order, const tt_order_intent *intent)
{
    const bm_model *model = &w->model;
    bool is_stop = intent->role == TT_order_role_STOP_LOSS;
    int64_t held = llabs(model->positions[order->leg].qty);
    if (is_stop) {
        int64_t allocated =
            model->allocation != 0 ? bm_held(model, order->leg, model->allocation) : 0;
        BW_CHECK(w, order->qty == held - allocated);
    } else if (intent->verdict_seq != 0) {
        BW_CHECK(w, order->qty <= bm_held(model, order->leg, order->sub));
        w->part_orders++;
        w->part_orders_beside += order->qty < held;
    }
}

static uint32_t sub_of_order(bw_world *w, const tt_order_intent *intent)
{
    const bw_verdict *verdict = find_verdict(w, intent->verdict_seq);
    uint32_t source = verdict == NULL ? 0 : verdict->source;
    uint8_t account = tt_order_find(&w->f->trade->orders, intent->order_id)->account;
    bool is_of_part = w->f->trade->config.account.sub_accounts && intent->reduce_only != 0;
    if (!is_of_part) {
        uint32_t sub = sub_of_source(w, source);
        BW_CHECK(w, account == sub);
        return sub;
    }
    bool is_own = account != 0 && w->source_of[account] == source;
    BW_CHECK(w, account == 0 || verdict == NULL || is_own);
    return account;
}

static void read_intent(bw_world *w, bw_order *order, const tt_order_intent *intent, uint32_t key)
{
    order->instrument = key - 1;
    order->sign = intent->side == TT_side_BUY ? 1 : -1;
    order->is_entry = intent->role == TT_order_role_ENTRY;
    order->leverage = intent->leverage;
    order->sub = sub_of_order(w, intent);
    bool is_short = intent->position_side == TT_side_SELL;
    order->leg = order->instrument + (is_short ? BM_INSTRUMENTS : 0);
    BW_CHECK(w, (intent->position_side != TT_side_NONE) == w->is_hedging);
    BW_CHECK(w, (intent->reduce_only == 0) == order->is_entry);
    BW_CHECK(w, !w->is_hedging || is_short == ((order->sign > 0) != order->is_entry));
    BW_CHECK(w, tt_dec_to_i64(intent->qty.d, 3, TT_ROUND_EXACT, &order->qty) == TUTTI_OK);
    BW_CHECK(w, order->qty > 0 && order->leverage >= 1);
    if (w->f->trade->config.account.sub_accounts && !order->is_entry) {
        check_part(w, order, intent);
    }
    if (order->is_entry) {
        tt_price worst = tt_dec_sign(intent->price.d) > 0 ? intent->price : intent->reference_price;
        BW_CHECK(w, tt_dec_to_i64(worst.d, 6, TT_ROUND_EXACT, &order->worst_price) == TUTTI_OK);
    }
}

void bw_receive(bw_world *w, const tt_msg *msg)
{
    const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
    BW_CHECK(w, intent->order_id == msg->seq && bw_find(w, msg->seq) == NULL);
    bw_order *order = take_order(w, msg->seq);
    read_intent(w, order, intent, msg->key);
    BW_CHECK(w, w->active_count < BW_ACTIVE);
    w->active[w->active_count++] = (uint32_t)(order - w->orders);
    if (w->is_down || bw_mishap(w, 30)) {
        if (bw_chance(w, 400)) {
            bw_mail failed = {.kind = TT_report_kind_SEND_FAILED, .cause = msg->seq};
            post_report(w, order, failed);
        }
        return; /* Lost on the way. */
    }
    order->is_known = true;
    order->works = !bw_mishap(w, 40);
    order->venue_state = order->works ? TT_order_state_SUBMITTED : TT_order_state_REJECTED;
    if (!bw_mishap(w, 80)) {
        tt_report_kind kind = order->works ? TT_report_kind_ACCEPTED : TT_report_kind_REJECTED;
        post_report(w, order, (bw_mail){.kind = (uint8_t)kind});
    }
}

static void end_order(bw_world *w, bw_order *order, tt_order_state state, tt_report_kind kind)
{
    order->works = false;
    order->venue_state = (uint8_t)state;
    if (!bw_mishap(w, 50)) {
        post_report(w, order, (bw_mail){.kind = (uint8_t)kind, .cumulative = order->executed});
    }
}

void bw_cancel(bw_world *w, const tt_msg *msg)
{
    bw_order *order = bw_find(w, TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel)->order_id);
    BW_CHECK(w, order != NULL);
    if (w->is_down || bw_mishap(w, 50)) {
        uint8_t kind = bw_chance(w, 500) ? TT_report_kind_TIMEOUT : TT_report_kind_SEND_FAILED;
        post_report(w, order, (bw_mail){.kind = kind, .cause = msg->seq});
    } else if (order->works) {
        end_order(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
    } else {
        post_report(w, order, (bw_mail){.kind = TT_report_kind_CANCEL_REJECTED});
    }
}

void bw_query(bw_world *w, const tt_msg *msg)
{
    const bw_order *order = bw_find(w, TT_PAYLOAD(msg, ORDER_QUERIES, order_query)->order_id);
    BW_CHECK(w, order != NULL);
    /* Of what is over only in hedging: it may explain what waits. */
    BW_CHECK(w, w->is_hedging || !tt_order_state_is_final(order->state));
    if (w->is_down || bw_mishap(w, 50)) {
        return;
    }
    if (!order->is_known) {
        bw_mail unknown = {.kind = TT_report_kind_NOT_FOUND, .is_reply = true, .cause = msg->seq};
        post_report(w, order, unknown);
        return;
    }
    for (uint32_t i = 0; i < order->exec_count; i++) {
        bw_mail mail = {.kind = TT_report_kind_FILL, .exec = i + 1, .is_reply = true};
        mail.cause = msg->seq;
        post_report(w, order, mail);
    }
    bw_mail status = {
        .kind = TT_report_kind_STATUS,
        .venue_state = order->venue_state,
        .cumulative = order->executed,
        .cause = msg->seq,
        .is_reply = true,
    };
    post_report(w, order, status);
}

static bm_money random_fee(bw_world *w, int64_t qty, int64_t price)
{
    bm_money most = bm_value(qty, price) * FEE_PER_MILLE / 1000;
    int64_t share = bw_between(w, -200000000, 1000000000);
    return bm_divide(most * share, 1000000000);
}

/* Buyers pay at most what the order was approved for: so cash is enough without margin. */
static int64_t random_price(bw_world *w, const bw_order *order)
{
    int64_t price = bw_between(w, 80000000, 120000000);
    bool is_bound = order->is_entry && order->sign > 0;
    return is_bound && price > order->worst_price ? order->worst_price : price;
}

static int64_t random_qty(bw_world *w, const bw_order *order)
{
    int64_t rest = order->qty - order->executed;
    bool is_last = order->exec_count == BW_EXECS - 1 || bw_chance(w, 400);
    int64_t qty = is_last ? rest : bw_between(w, 1, rest);
    int64_t held = w->net[order->leg] * -order->sign;
    held = held < 0 ? 0 : held;
    bool is_exact = w->is_spot || w->is_honest;
    if (!order->is_entry && (is_exact || !bw_mishap(w, 20))) {
        qty = qty < held ? qty : held;
    } else if (is_last && !is_exact && bw_mishap(w, 30)) {
        w->overfills++;
        qty += bw_between(w, 1, 50);
    }
    return qty;
}

/* The venue's own books: a hedging leg never crosses zero. */
static void move_net(bw_world *w, uint32_t leg, int64_t change, bool reduces)
{
    int64_t after = w->net[leg] + change;
    bool is_short = leg >= BM_INSTRUMENTS;
    bool is_beyond = w->is_hedging && reduces && (is_short ? after > 0 : after < 0);
    w->net[leg] = is_beyond ? 0 : after;
    w->net[(leg + BM_INSTRUMENTS) % BM_LEGS] += is_beyond ? after : 0;
}

static void execute(bw_world *w, bw_order *order)
{
    int64_t qty = random_qty(w, order);
    if (qty <= 0) {
        end_order(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
        return;
    }
    int64_t price = random_price(w, order);
    bw_exec *exec = &order->execs[order->exec_count++];
    order->executed += qty;
    *exec = (bw_exec){.qty = qty, .cumulative = order->executed, .price = price};
    exec->fee = random_fee(w, qty, price);
    w->cash -= bm_value(order->sign * qty, price) + exec->fee;
    move_net(w, order->leg, order->sign * qty, !order->is_entry);
    order->venue_state = TT_order_state_PARTIALLY_FILLED;
    if (order->executed >= order->qty) {
        order->venue_state = TT_order_state_FILLED;
        order->works = false;
    }
    if (!bw_mishap(w, 30)) {
        post_report(w, order, (bw_mail){.kind = TT_report_kind_FILL, .exec = order->exec_count});
    }
}

void bw_act(bw_world *w)
{
    if (w->active_count == 0) {
        return;
    }
    uint32_t place = (uint32_t)tt_random_below(&w->random, w->active_count);
    bw_order *order = &w->orders[w->active[place]];
    if (!order->works || order->exec_count == BW_EXECS) {
        return;
    }
    int64_t choice = w->is_calm ? 99 : bw_between(w, 0, 99);
    if (choice < 4) {
        end_order(w, order, TT_order_state_CANCELLED, TT_report_kind_CANCELLED);
    } else if (choice < 8) {
        end_order(w, order, TT_order_state_EXPIRED, TT_report_kind_EXPIRED);
    } else if (choice < 10) {
        end_order(w, order, TT_order_state_REJECTED, TT_report_kind_REJECTED);
    } else {
        execute(w, order);
    }
}

/* --- what no order caused --- */

void bw_trade_without_order(bw_world *w)
{
    uint32_t leg = (uint32_t)bw_between(w, 0, (w->is_hedging ? BM_LEGS : BM_INSTRUMENTS) - 1);
    int64_t held = w->net[leg];
    bool takes = held != 0 && (w->is_spot || bw_chance(w, 700));
    if (!takes && (w->is_spot || w->is_honest || bw_chance(w, 800))) {
        return; /* What others opened holds entries back until it is flat; no close waits for it. */
    }
    bw_external *trade = &w->external[w->external_count % BW_EXTERNAL];
    if (trade->exec_id != 0 && trade->booked_as == 0) {
        return; /* The oldest is still under way. */
    }
    bool is_short_leg = w->is_hedging && leg >= BM_INSTRUMENTS;
    int opening = w->is_hedging ? (is_short_leg ? -1 : 1) : (bw_chance(w, 500) ? 1 : -1);
    int64_t most = takes ? llabs(held) : 500;
    *trade = (bw_external){
        .leg = leg,
        .sign = takes ? (held > 0 ? -1 : 1) : opening,
        .qty = bw_chance(w, 400) ? most : bw_between(w, 1, most),
        .price = bw_between(w, 80000000, 120000000),
        .exec_id = ++w->external_count + UINT64_C(9000000000),
        .kind = TT_external_kind_TRADE,
    };
    if (takes && !w->is_spot) {
        trade->kind = (uint8_t)bw_between(w, TT_external_kind_TRADE, TT_external_kind_ADL);
    }
    w->liquidations += trade->kind == TT_external_kind_LIQUIDATION;
    trade->fee = random_fee(w, trade->qty, trade->price);
    w->cash -= bm_value(trade->sign * trade->qty, trade->price) + trade->fee;
    move_net(w, leg, trade->sign * trade->qty, takes);
    uint32_t place = (uint32_t)(trade - w->external);
    post(w, (bw_mail){.what = BW_TRADE, .id = trade->exec_id, .place = place});
}

/* A payment once a moment. Some that are too old to be told from a repeat are sent on purpose. */
void bw_fund(bw_world *w)
{
    if (w->is_spot) {
        return;
    }
    uint32_t leg = (uint32_t)bw_between(w, 0, (w->is_hedging ? BM_LEGS : BM_INSTRUMENTS) - 1);
    int64_t age_s = bw_chance(w, 100) ? bw_between(w, 0, 100000) : bw_between(w, 0, 3);
    int64_t amount = bw_between(w, -2000000000, 2000000000);
    bw_mail mail = {
        .what = BW_FUNDING,
        .place = leg,
        .moment = w->f->now.ns - age_s * TT_NS_PER_S,
        .amount = (bm_money)amount * 777777777 + amount % 7,
    };
    post(w, mail);
}

void bw_transfer(bw_world *w)
{
    int64_t amount = bw_between(w, w->is_spot ? 1 : -2000000000, 2000000000);
    bw_mail mail = {
        .what = BW_TRANSFER,
        .id = ++w->last_transfer,
        .moment = w->f->now.ns,
        .amount = (bm_money)amount * 777777777 + amount % 7 + 1,
    };
    post(w, mail);
}

void bw_remind(bw_world *w)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w->active_count; i++) {
        const bw_order *order = &w->orders[w->active[i]];
        bool is_over = tt_order_state_is_final(order->state);
        for (uint32_t e = 0; is_over && e < order->exec_count; e++) {
            if (!order->execs[e].is_booked) {
                post_report(w, order, (bw_mail){.kind = TT_report_kind_FILL, .exec = e + 1});
            }
        }
        if (!is_settled(order)) {
            w->active[kept++] = w->active[i];
        }
    }
    w->active_count = kept;
}
