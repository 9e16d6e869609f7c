/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What arrives from the venue of prop_books: the model books first, then the module gets the input.
 */
#include "books_world.h"

#include <stdio.h>

static bool remembers(const bw_world *w, uint32_t leg, int64_t moment)
{
    for (uint32_t i = 0; i < w->funded_count[leg]; i++) {
        if (w->funded[leg][i] == moment) {
            return true;
        }
    }
    return false;
}

static tt_venue_report write_report(bw_world *w, const bw_mail *mail, const bw_order *order)
{
    tt_venue_report out = {
        .order_id = mail->id,
        .kind = mail->kind,
        .venue_state = mail->venue_state,
        .is_query_reply = mail->is_reply,
        .cumulative_qty = {tt_dec_from_i64(mail->cumulative, 3)},
        .venue_order_id = mail->id + 1000000000,
    };
    if (mail->exec != 0) {
        const bw_exec *exec = &order->execs[mail->exec - 1];
        out.exec_id = mail->exec;
        out.qty.d = tt_dec_from_i64(exec->qty, 3);
        out.cumulative_qty.d = tt_dec_from_i64(exec->cumulative, 3);
        out.price.d = tt_dec_from_i64(exec->price, 6);
        out.fee.d = (tt_dec){exec->fee};
    }
    if (bw_chance(w, 900)) {
        snprintf(
            out.client_order_id,
            sizeof out.client_order_id,
            "run7-%llu",
            (unsigned long long)mail->id);
    }
    return out;
}

/* Newest first, the ended entries that may hide a fill. */
#define ENDED_MAX 8u

static int64_t rest_of(const bw_order *order)
{
    int64_t most = order->qty > order->named ? order->qty : order->named;
    return most > order->booked ? most - order->booked : 0;
}

static bool is_unfilled(const bw_world *w, const bw_order *order, uint32_t leg)
{
    bool is_remembered =
        !tt_order_state_is_final(order->state) || order->ended_at + TT_ORDERS_RECENT > w->ended;
    return order->id != 0 && order->is_entry && order->leg == leg && is_remembered &&
           rest_of(order) > 0;
}

/* What the entries of a leg may have filled that is not told: the live ones, and the last that
 * ended. */
static int64_t hidden_of(const bw_world *w, uint32_t leg)
{
    int64_t sum = 0;
    uint64_t ended_at[ENDED_MAX + 1] = {0};
    int64_t ended[ENDED_MAX + 1] = {0};
    for (uint32_t i = 0; i < BW_ORDERS; i++) {
        const bw_order *order = &w->orders[i];
        if (!is_unfilled(w, order, leg)) {
            continue;
        }
        if (!tt_order_state_is_final(order->state)) {
            sum += rest_of(order);
            continue;
        }
        uint32_t place = ENDED_MAX;
        for (; place > 0 && ended_at[place - 1] < order->ended_at; place--) {
            ended_at[place] = ended_at[place - 1];
            ended[place] = ended[place - 1];
        }
        ended_at[place] = order->ended_at;
        ended[place] = rest_of(order);
    }
    for (uint32_t i = 0; i < ENDED_MAX; i++) {
        sum += ended[i];
    }
    return sum;
}

static void book(bw_world *w, bm_trade *trade)
{
    uint32_t waiting = w->model.waiting_count;
    trade->hidden = w->is_hedging && trade->reduce_only ? hidden_of(w, trade->leg) : 0;
    bm_book(&w->model, trade);
    bw_expect(w);
    w->waits += w->model.waiting_count > waiting;
    w->flips +=
        w->model.part_count == 2 && w->model.parts[0].order_id == w->model.parts[1].order_id;
    w->expected_order = trade->order_id;
}

static void expect_execution(bw_world *w, bw_order *order, uint32_t number)
{
    bw_exec *exec = &order->execs[number - 1];
    if (exec->is_booked) {
        w->repeats++;
        return;
    }
    exec->is_booked = true;
    order->booked += exec->qty;
    bm_trade trade = {
        .leg = order->leg,
        .sign = order->sign,
        .reduce_only = !order->is_entry,
        .is_entry = order->is_entry,
        .leverage = order->leverage,
        .sub = order->sub,
        .qty = exec->qty,
        .price = exec->price,
        .fee = exec->fee,
        .order_id = order->id,
        .exec_id = number,
    };
    book(w, &trade);
}

static void deliver_report(bw_world *w, const bw_mail *mail)
{
    bw_order *order = &w->orders[mail->place];
    if (order->id != mail->id) {
        return; /* So old that both sides have forgotten it. */
    }
    if (mail->exec != 0) {
        expect_execution(w, order, mail->exec);
    }
    bw_note(
        w,
        "report %s of order %llu, execution %u, cumulative %lld",
        tt_enum_text(&tt_enum_report_kind, mail->kind),
        (unsigned long long)mail->id,
        mail->exec,
        (long long)mail->cumulative);
    tt_venue_report report = write_report(w, mail, order);
    if (mail->exec != 0 || !tt_order_state_is_final(order->state)) {
        int64_t named =
            mail->exec != 0 ? order->execs[mail->exec - 1].cumulative : mail->cumulative;
        order->named = named > order->named ? named : order->named;
    }
    bw_input(w, TT_TOPIC_VENUE_REPORTS, order->instrument + 1, &report, mail->cause);
}

static uint8_t side_name(const bw_world *w, uint32_t leg)
{
    uint8_t side = leg < BM_INSTRUMENTS ? TT_side_BUY : TT_side_SELL;
    return w->is_hedging ? side : (uint8_t)TT_side_NONE;
}

static void deliver_trade(bw_world *w, const bw_mail *mail)
{
    bw_external *what = &w->external[mail->place];
    uint64_t *booked = &w->external_booked[what->leg];
    bool is_old = what->booked_as != 0 && *booked - what->booked_as >= TT_EXTERNAL_SEEN;
    if (what->exec_id != mail->id || is_old) {
        return;
    }
    const bm_position *position = &w->model.positions[what->leg];
    if (what->booked_as == 0) {
        bm_trade trade = {
            .leg = what->leg,
            .sign = what->sign,
            .reduce_only = w->is_hedging && (what->sign > 0) != (what->leg < BM_INSTRUMENTS),
            .is_external = true,
            .leverage = position->qty != 0 ? position->leverage : 1,
            .qty = what->qty,
            .price = what->price,
            .fee = what->fee,
            .exec_id = what->exec_id,
        };
        what->booked_as = ++*booked;
        w->externals++;
        book(w, &trade);
    } else {
        w->repeats++;
    }
    tt_venue_trade payload = {
        .price = {tt_dec_from_i64(what->price, 6)},
        .qty = {tt_dec_from_i64(what->qty, 3)},
        .fee = {{what->fee}},
        .exec_id = what->exec_id,
        .side = what->sign > 0 ? TT_side_BUY : TT_side_SELL,
        .kind = what->kind,
        .position_side = side_name(w, what->leg),
    };
    bw_note(w, "trade %lld without order on leg %u", (long long)what->qty * what->sign, what->leg);
    bw_input(w, TT_TOPIC_VENUE_TRADES, what->leg % BM_INSTRUMENTS + 1, &payload, 0);
}

static void remember_moment(bw_world *w, uint32_t leg, int64_t moment)
{
    int64_t *list = w->funded[leg];
    uint32_t *count = &w->funded_count[leg];
    *count += *count < BW_FUNDED;
    uint32_t place = *count - 1;
    for (; place > 0 && list[place - 1] < moment; place--) {
        list[place] = list[place - 1];
    }
    list[place] = moment;
}

static void deliver_funding(bw_world *w, const bw_mail *mail)
{
    uint32_t leg = mail->place;
    bool is_full = w->funded_count[leg] == BW_FUNDED;
    bool is_old = is_full && mail->moment < w->funded[leg][BW_FUNDED - 1];
    bool is_new = !is_old && !remembers(w, leg, mail->moment);
    w->is_funded = is_new;
    if (is_new) {
        remember_moment(w, leg, mail->moment);
        bm_fund(&w->model, leg, mail->amount);
        w->cash += mail->amount;
        w->fundings++;
    }
    tt_funding_payment payment = {
        .amount = {{mail->amount}},
        .venue_time = {mail->moment},
        .side = side_name(w, leg),
    };
    bw_note(w, "funding of leg %u, %s", leg, is_new ? "new" : "old or again");
    bw_input(w, TT_TOPIC_FUNDING_PAYMENTS, leg % BM_INSTRUMENTS + 1, &payment, 0);
}

static bool knows_transfer(const bw_world *w, uint64_t id)
{
    uint64_t kept = w->transfer_count < BW_TRANSFERS ? w->transfer_count : BW_TRANSFERS;
    for (uint64_t i = 0; i < kept; i++) {
        if (w->transfer_ids[i] == id) {
            return true;
        }
    }
    return false;
}

static void remember_transfer(bw_world *w, const bw_mail *mail)
{
    uint64_t place = w->transfer_count % BW_TRANSFERS;
    if (w->transfer_count >= BW_TRANSFERS && w->transfer_moments[place] > w->transfers_before) {
        w->transfers_before = w->transfer_moments[place];
    }
    w->transfer_ids[place] = mail->id;
    w->transfer_moments[place] = mail->moment;
    w->transfer_count++;
}

static void deliver_transfer(bw_world *w, const bw_mail *mail)
{
    bool is_old = w->transfer_count > BW_TRANSFERS && mail->moment <= w->transfers_before;
    bool is_new = !is_old && !knows_transfer(w, mail->id);
    w->is_transferred = is_new;
    if (is_new) {
        remember_transfer(w, mail);
        bm_transfer(&w->model, mail->amount);
        w->cash += mail->amount;
        w->transfers++;
    }
    tt_venue_transfer transfer = {
        .amount = {{mail->amount}},
        .transfer_id = mail->id,
        .venue_time = {mail->moment},
    };
    TT_TEXT_SET(transfer.currency, w->f->trade->config.account.currency);
    bw_note(w, "transfer, %s", is_new ? "new" : "old or again");
    bw_input(w, TT_TOPIC_VENUE_TRANSFERS, 0, &transfer, 0);
}

void bw_deliver(bw_world *w)
{
    if (w->mail_count == 0 || w->is_down) {
        return;
    }
    /* Mostly in order, sometimes not; sometimes the same again later. */
    uint32_t reach = bw_mishap(w, 300) ? w->mail_count : 1;
    uint32_t index = (uint32_t)bw_between(w, 0, reach - 1);
    bw_mail mail = w->mails[index];
    bool is_kept = bw_mishap(w, 100) && w->mail_count < BW_MAILS / 2;
    if (!is_kept) {
        w->mail_count--;
        for (uint32_t i = index; i < w->mail_count; i++) {
            w->mails[i] = w->mails[i + 1];
        }
    }
    switch ((bw_mail_kind)mail.what) {
    case BW_REPORT:
        deliver_report(w, &mail);
        break;
    case BW_TRADE:
        deliver_trade(w, &mail);
        break;
    case BW_FUNDING:
        deliver_funding(w, &mail);
        break;
    case BW_TRANSFER:
        deliver_transfer(w, &mail);
        break;
    }
}
