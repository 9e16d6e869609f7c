/* SPDX-License-Identifier: Apache-2.0 */
/* The random workload. */
#include "prop_world.h"

void world_input(world *w, tt_topic topic, uint32_t key, const void *payload, tt_seq cause)
{
    fixture *f = &w->f;
    tt_bus_post out = {
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .key = key,
        .payload = payload,
        .flags = TT_MSG_INPUT,
        .cause = cause,
    };
    tt_bus_begin(f->core.bus, f->now);
    CHECK(w, tt_bus_publish(f->core.bus, &out, NULL) == TUTTI_OK);
    tt_timers_fire(f->core.timers, f->now);
    tt_bus_run(f->core.bus);
    world_read(w);
}

static tt_venue_report write_report(world *w, const model_mail *mail, const model_order *order)
{
    tt_venue_report out = {
        .order_id = mail->order_id,
        .kind = mail->kind,
        .venue_state = mail->venue_state,
        .is_query_reply = mail->is_query_reply,
        .cumulative_qty = {tt_dec_from_i64(mail->cumulative, 3)},
        .venue_order_id = mail->order_id + 1000000000,
        .order_qty = mail->terms.qty,
        .order_price = mail->terms.price,
        .order_trigger = mail->terms.trigger_price,
        .amend_id = mail->amend_id,
    };
    if (mail->exec != 0) {
        const model_exec *exec = &order->execs[mail->exec - 1];
        out.exec_id = mail->exec;
        out.qty.d = tt_dec_from_i64(exec->qty, 3);
        out.cumulative_qty.d = tt_dec_from_i64(exec->cumulative, 3);
        out.price.d = tt_dec_from_i64(exec->price, 2);
        out.fee.d = tt_dec_from_i64(exec->fee, 5);
    }
    if (chance(w, 900)) {
        tt_text_format(
            out.client_order_id,
            sizeof out.client_order_id,
            "run7-%llu",
            (unsigned long long)mail->order_id);
    }
    return out;
}

/* A new execution is booked whole, an old one not at all. Only two things may keep a new one out:
 * too many ahead of a missing one, and an order that ended so long ago that it is forgotten. */
static void check_booked(world *w, const model_mail *mail)
{
    model_order *order = &w->orders[mail->slot];
    model_exec *exec = &order->execs[mail->exec - 1];
    if (exec->is_booked) {
        CHECK(w, w->step_filled == 0);
        return;
    }
    if (w->dead_letters != 0) {
        CHECK(w, w->step_filled == 0);
        bool is_forgotten = tt_order_find(&w->f.trade->orders, mail->order_id) == NULL;
        w->lost_orders += is_forgotten;
        w->refused_fills += !is_forgotten;
        return;
    }
    CHECK(w, w->step_filled == exec->qty);
    exec->is_booked = true;
    w->fees += exec->fee;
    CHECK(w, tt_dec_eq(w->f.trade->books->account.fees.d, tt_dec_from_i64(w->fees, 5)));
}

static void deliver(world *w)
{
    if (w->mail_count == 0) {
        return;
    }
    /* Mostly in order, sometimes not; sometimes the same again later. */
    uint32_t reach = mishap(w, 300) ? w->mail_count : 1;
    uint32_t index = (uint32_t)between(w, 0, reach - 1);
    model_mail mail = w->mails[index];
    if (!mishap(w, 100)) {
        w->mail_count--;
        for (uint32_t i = index; i < w->mail_count; i++) {
            w->mails[i] = w->mails[i + 1];
        }
    }
    const model_order *order = &w->orders[mail.slot];
    if (order->id != mail.order_id) {
        return;
    }
    tt_venue_report report = write_report(w, &mail, order);
    w->mail = &mail;
    world_input(w, TT_TOPIC_VENUE_REPORTS, order->instrument, &report, mail.cause);
    w->mail = NULL;
    if (mail.kind == TT_report_kind_FILL) {
        check_booked(w, &mail);
    } else {
        CHECK(w, w->step_filled == 0);
    }
}

/* Words that are not true, about any order at all. */
static void lie(world *w)
{
    const model_order *order = world_recent_order(w);
    static const uint8_t kinds[] = {
        TT_report_kind_ACCEPTED,
        TT_report_kind_CANCEL_REJECTED,
        TT_report_kind_NOT_FOUND,
        TT_report_kind_TIMEOUT,
        TT_report_kind_SEND_FAILED,
        TT_report_kind_NONE,
        TT_report_kind_REJECTED,
        TT_report_kind_CANCELLED,
        TT_report_kind_EXPIRED,
        TT_report_kind_AMENDED,
        TT_report_kind_AMEND_REJECTED,
    };
    if (order->id == 0) {
        return;
    }
    tt_venue_report report = {
        .order_id = order->id + (chance(w, 50) ? 1 : 0),
        .kind = kinds[between(w, 0, sizeof kinds - 1)],
    };
    world_input(w, TT_TOPIC_VENUE_REPORTS, order->instrument, &report, 0);
    CHECK(w, w->step_filled == 0);
}

static void approve_entry(world *w)
{
    if (w->f.trade->orders.table->live_count > 150) {
        return;
    }
    if (w->ask != NULL) {
        w->ask(w);
        return;
    }
    bool is_buy = chance(w, 500);
    bool is_limit = chance(w, 500);
    int64_t away = is_buy ? -1 : 1;
    tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(between(w, 1, 2000), 3)},
        .entry_price = {tt_dec_from_i64(is_limit ? between(w, 9000, 11000) : 0, 2)},
        .reference_price = {tt_dec_from_i64(between(w, 9000, 11000), 2)},
        .status = chance(w, 500) ? TT_verdict_APPROVED : TT_verdict_MODIFIED,
        .kind = TT_proposal_kind_ENTRY,
        .side = is_buy ? TT_side_BUY : TT_side_SELL,
        .leverage_after = (uint8_t)between(w, 1, 5),
    };
    if (chance(w, 800)) {
        verdict.stop_loss.d = tt_dec_from_i64(10000 + away * between(w, 1000, 3000), 2);
    }
    if (chance(w, 700)) {
        verdict.take_profit.d = tt_dec_from_i64(10000 - away * between(w, 1000, 3000), 2);
    }
    world_input(w, TT_TOPIC_RISK_VERDICTS, (uint32_t)between(w, 1, INSTRUMENTS), &verdict, 0);
}

static void approve_reduction(world *w)
{
    uint32_t key = (uint32_t)between(w, 1, INSTRUMENTS);
    bool is_close = chance(w, 500);
    tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(between(w, 1, 2000), 3)},
        .status = TT_verdict_APPROVED,
        .kind = is_close ? TT_proposal_kind_CLOSE : TT_proposal_kind_REBALANCE,
        .side = w->held[key - 1] > 0 ? TT_side_SELL : TT_side_BUY,
    };
    world_input(w, TT_TOPIC_RISK_VERDICTS, key, &verdict, 0);
}

/* Where no risk is, all that it is asked for is approved. */
static void approve_amend(world *w)
{
    for (const tt_msg *msg = tt_bus_outbox_next(w->f.core.bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(w->f.core.bus, msg)) {
        if (msg->topic != TT_TOPIC_TRADE_PROPOSALS) {
            continue;
        }
        const tt_trade_proposal *proposal = tt_msg_payload(msg);
        tt_risk_verdict verdict = {
            .qty = proposal->amended_qty,
            .proposal_seq = msg->seq,
            .status = chance(w, 900) ? TT_verdict_APPROVED : TT_verdict_MODIFIED,
            .kind = TT_proposal_kind_ENTRY,
            .side = proposal->side,
        };
        world_input(w, TT_TOPIC_RISK_VERDICTS, msg->key, &verdict, 0);
        return;
    }
}

static bool is_worth_amending(const model_order *order)
{
    bool works =
        order->state == TT_order_state_SUBMITTED || order->state == TT_order_state_PARTIALLY_FILLED;
    bool has_price =
        !tt_dec_is_zero(order->terms.price.d) || !tt_dec_is_zero(order->terms.trigger_price.d);
    return works && has_price && !order->reduce_only;
}

/* Mostly an order that can be amended, with values that may be wrong. */
static void amend(world *w)
{
    const model_order *order = world_recent_order(w);
    for (unsigned i = 0; i < 100 && !is_worth_amending(order); i++) {
        order = world_recent_order(w);
    }
    bool has_trigger = tt_dec_sign(order->terms.trigger_price.d) > 0;
    int64_t price = chance(w, 500) ? between(w, 9000, 11000) : 0;
    int64_t most = chance(w, 600) ? order->qty : 2 * order->qty;
    int64_t qty = price == 0 || chance(w, 500) ? between(w, 1, most + 1) : 0;
    tt_coordinator_command command = {
        .request_id = 1,
        .command = TT_command_AMEND_ORDER,
        .subject_seq = order->id,
        .qty.d = tt_dec_from_i64(qty, 3),
    };
    if (has_trigger) {
        command.trigger_price.d = tt_dec_from_i64(price, 2);
    } else {
        command.price.d = tt_dec_from_i64(price, 2);
    }
    world_input(w, TT_TOPIC_COORDINATOR_COMMANDS, 0, &command, 0);
    if (w->ask == NULL) {
        approve_amend(w);
    }
}

static void give_command(world *w)
{
    tt_position_command payload = {
        .command = (uint8_t)between(w, 0, TT_position_command_type_COUNT - 1),
        .reason = TT_exit_reason_OPERATOR,
        .reduce_pct = {tt_dec_from_i64(between(w, 1, 100), 0)},
    };
    world_input(w, TT_TOPIC_POSITION_COMMANDS, (uint32_t)between(w, 0, INSTRUMENTS), &payload, 0);
}

static void move_price(world *w)
{
    uint32_t key = (uint32_t)between(w, 1, INSTRUMENTS);
    tt_trade payload = {.price = {tt_dec_from_i64(between(w, 8000, 12000), 2)}};
    w->mark[key - 1] = payload.price.d;
    world_input(w, TT_TOPIC_MARKET_TRADE, key, &payload, 0);
}

static void restart(world *w)
{
    tt_session_event event = {.event = TT_session_event_type_RECOVERED};
    world_input(w, TT_TOPIC_SESSION_EVENTS, 0, &event, 0);
    CHECK(w, tt_bus_queue_high_water(w->f.core.bus) < 4096);
}

static void let_time_pass(world *w)
{
    tt_clock tick = {0};
    int64_t longest_ms = chance(w, 50) ? 10000 : 1000;
    w->f.now.ns += between(w, 0, longest_ms) * TT_NS_PER_MS;
    world_input(w, TT_TOPIC_CLOCK, 0, &tick, 0);
}

static bool is_settled(const world *w)
{
    bool is_flat = true;
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        is_flat = is_flat && w->held[i] == 0 && w->net[i] == 0;
    }
    return is_flat && w->mail_count == 0 && w->f.trade->orders.table->live_count == 0;
}

void world_settle(world *w)
{
    tt_position_command close = {
        .command = TT_position_command_type_CLOSE, .reason = TT_exit_reason_OPERATOR};
    w->is_calm = true;
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        world_remind(w, &w->orders[i]);
    }
    restart(w);
    for (unsigned i = 0; i < 100000 && !is_settled(w); i++) {
        w->step++;
        world_act(w);
        deliver(w);
        if (i % 100 == 0) {
            let_time_pass(w);
        }
        if (i % 10000 == 5000) {
            world_input(w, TT_TOPIC_POSITION_COMMANDS, 0, &close, 0);
        }
    }
    CHECK(w, is_settled(w));
}

void world_step(world *w)
{
    int64_t choice = between(w, 0, 999);
    w->step++;
    world_act(w);
    for (uint32_t i = 0; w->step % 512 == 0 && i < MODEL_ORDERS; i++) {
        world_remind(w, &w->orders[i]);
    }
    if (choice < 120) {
        approve_entry(w);
    } else if (choice < 150) {
        approve_reduction(w);
    } else if (choice < 156) {
        give_command(w);
    } else if (choice < 240) {
        move_price(w);
    } else if (choice < 265) {
        let_time_pass(w);
    } else if (choice < 275) {
        lie(w);
    } else if (choice < 277) {
        restart(w);
    } else if (choice < 340) {
        amend(w);
    } else {
        deliver(w);
    }
}
