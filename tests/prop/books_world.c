/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The workload of prop_books: who asks for what, prices, time, restarts.
 */
#include "books_world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void bw_note(bw_world *w, const char *format, ...)
{
    char *line = w->log[w->step % BW_LOG];
    va_list arguments;
    va_start(arguments, format);
    tt_text_vformat(line, sizeof w->log[0], format, arguments);
    va_end(arguments);
}

void bw_tell(const bw_world *w, const char *what)
{
    for (uint64_t age = w->step < BW_LOG ? w->step : BW_LOG; age-- > 0;) {
        uint64_t step = w->step - age;
        print_error("%8llu %s\n", (unsigned long long)step, w->log[step % BW_LOG]);
    }
    print_error(
        "seed %llu event %llu: %s; again with --seed %llu --events %llu\n",
        (unsigned long long)w->seed,
        (unsigned long long)w->step,
        what,
        (unsigned long long)w->seed,
        (unsigned long long)w->step);
}

void bw_fail(const bw_world *w, const char *what)
{
    bw_tell(w, what);
    fail();
}

tt_seq bw_input(bw_world *w, tt_topic topic, uint32_t key, const void *payload, uint64_t cause)
{
    fixture *f = w->f;
    tt_seq seq = 0;
    tt_bus_post out = {
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .key = key,
        .payload = payload,
        .flags = TT_MSG_INPUT,
        .cause = cause,
    };
    tt_bus_begin(f->core.bus, f->now);
    BW_CHECK(w, tt_bus_publish(f->core.bus, &out, &seq) == TUTTI_OK);
    tt_timers_fire(f->core.timers, f->now);
    tt_bus_run(f->core.bus);
    bw_read(w);
    w->expected_count = 0;
    w->expected_order = 0;
    w->is_funded = false;
    w->is_transferred = false;
    return seq;
}

/* --- set-up, restart --- */

static bool has_capital(uint64_t seed)
{
    return seed % 8 >= 6;
}

static tt_trade_config make_config(uint64_t seed)
{
    tt_trade_config config = fixture_config();
    config.account.initial_balance.d = tt_dec_from_i64(100000, 0);
    config.account.position_mode =
        seed % 2 == 0 ? TT_position_mode_HEDGING : TT_position_mode_NETTING;
    config.account.sub_accounts = seed % 8 >= 4;
    config.orders.status_interval.ns = 3 * TT_NS_PER_S;
    if (has_capital(seed)) {
        config.capital_count = 2;
        strcpy(config.capital[0].strategy, "portfolio");
        config.capital[0].amount.d = tt_dec_from_i64(30000, 0);
        strcpy(config.capital[1].strategy, "venue");
        config.capital[1].share_pct.d = tt_dec_from_i64(12345678, 6);
    }
    return config;
}

static void start_life(bw_world *w, fixture *f)
{
    tt_trade_config config = make_config(w->seed);
    fixture_init_with(f, &config);
    f->instruments.list[2] = f->instruments.list[1];
    f->instruments.list[2].id.n = 3;
    f->instruments.count = BM_INSTRUMENTS;
    strcpy(f->instruments.list[2].symbol, "SOL/USDT");
    f->instruments.list[0].maintenance_margin_rate.d = TT_DEC_C(5, 3);
    for (uint32_t i = 0; w->is_spot && i < BM_INSTRUMENTS; i++) {
        f->instruments.list[i].max_leverage.d = tt_dec_from_i64(1, 0);
    }
}

void bw_init(bw_world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->is_hedging = seed % 2 == 0;
    w->is_spot = seed % 4 >= 2;
    w->is_honest = w->is_hedging && (w->is_spot || seed % 8 == 0);
    w->model.is_hedging = w->is_hedging;
    w->model.initial = (bm_money)100000 * TT_DEC_ONE_I64;
    w->cash = w->model.initial;
    w->model.subs[0].initial = w->model.initial;
    if (has_capital(seed)) {
        bm_money given[] = {
            (bm_money)30000 * TT_DEC_ONE_I64, (bm_money)12345678 * 1000000 * BM_VALUE_UNIT};
        w->source_of[1] = TT_SOURCE_PORTFOLIO;
        w->model.allocation = 1;
        w->source_of[2] = TT_SOURCE_VENUE;
        w->model.subs[1].initial = given[0];
        w->model.subs[2].initial = given[1];
        w->model.subs[0].initial -= given[0] + given[1];
    }
    w->f = &w->lives[0];
    start_life(w, w->f);
    tt_random_init(&w->random, seed, 0);
    assert_int_equal(tt_books_check_new(&w->auditor), TUTTI_OK);
    assert_int_equal(tt_arena_init(&w->arena, 1u << 20), TUTTI_OK);
    w->slots = tt_map_new(&w->arena, BW_ORDERS);
    assert_non_null(w->slots);
}

/* Everything that a message can change lies in the regions: a copy of them goes on as if nothing
 * had been. What was under way at the venue still is. */
static void restart(bw_world *w)
{
    fixture *before = w->f;
    fixture *after = before == &w->lives[0] ? &w->lives[1] : &w->lives[0];
    start_life(w, after);
    BW_CHECK(w, after->core.region_count == before->core.region_count);
    for (uint32_t i = 0; i < after->core.region_count; i++) {
        const tt_region *from = &before->core.regions[i];
        const tt_region *to = &after->core.regions[i];
        BW_CHECK(w, from->size == to->size && strcmp(from->name, to->name) == 0);
        memcpy(to->data, from->data, to->size);
    }
    tt_error error;
    BW_CHECK(w, tt_bus_restore(after->core.bus, &error) == TUTTI_OK);
    after->now = before->now;
    fixture_fini(before);
    w->f = after;
    w->restarts++;
    tt_session_event event = {.event = TT_session_event_type_RECOVERED};
    bw_note(w, "restart");
    bw_input(w, TT_TOPIC_SESSION_EVENTS, 0, &event, 0);
}

/* --- who asks --- */

/* A signal of a source, and the proposal and verdict that follow from it. */
static void give_verdict(bw_world *w, tt_risk_verdict *verdict, uint32_t key, uint32_t source)
{
    if (source != 0) {
        tt_trading_signal signal = {.action = TT_action_BUY};
        tt_bus_post post = {
            .topic = TT_TOPIC_TRADING_SIGNALS,
            .source = (uint16_t)source,
            .key = key,
            .payload = &signal,
        };
        tt_trade_proposal proposal = {.side = verdict->side};
        tt_bus_begin(w->f->core.bus, w->f->now);
        BW_CHECK(w, tt_bus_publish(w->f->core.bus, &post, &proposal.signal_seq) == TUTTI_OK);
        tt_bus_run(w->f->core.bus);
        verdict->proposal_seq = bw_input(w, TT_TOPIC_TRADE_PROPOSALS, key, &proposal, 0);
    }
    w->verdicts[w->verdict_count++ % BW_VERDICTS] =
        (bw_verdict){tt_bus_next_seq(w->f->core.bus), source};
    bw_input(w, TT_TOPIC_RISK_VERDICTS, key, verdict, 0);
}

static uint32_t random_source(bw_world *w)
{
    uint32_t number = (uint32_t)bw_between(w, 0, BW_SOURCES);
    uint32_t other = TT_SOURCE_FEED + number - 1;
    return number == 0 ? 0 : number == 1 ? TT_SOURCE_PORTFOLIO : other;
}

static bm_money pending_exposure(const bw_world *w)
{
    return w->f->trade->books->account.pending_exposure.d.v;
}

/* As risk does: exposure and what is open stay within the limit, and spot is paid in cash. */
static bool has_room(const bw_world *w, bm_money notional)
{
    bm_sums sums;
    bm_sum_up(&w->model, &sums);
    bm_money pending = pending_exposure(w);
    bm_money limit = (bm_money)BW_LIMIT * TT_DEC_ONE_I64;
    bm_money cash = w->model.initial + w->model.transfers + w->model.cash_flow;
    bm_money with_fees = (pending + notional) + (pending + notional) / 500;
    return sums.exposure + pending + notional <= limit && (!w->is_spot || with_fees <= cash);
}

static void ask_for_entry(bw_world *w)
{
    bool is_buy = w->is_spot || bw_chance(w, 500);
    bool is_limit = bw_chance(w, 500);
    int64_t price = bw_between(w, 9000, 11000);
    int64_t qty = bw_between(w, 1, 2000);
    int64_t away = is_buy ? -1 : 1;
    tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(qty, 3)},
        .entry_price = {tt_dec_from_i64(is_limit ? price : 0, 2)},
        .reference_price = {tt_dec_from_i64(price, 2)},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = is_buy ? TT_side_BUY : TT_side_SELL,
        .leverage_after = w->is_spot ? 1 : (uint8_t)bw_between(w, 1, 7),
    };
    if (bw_chance(w, 700)) {
        verdict.stop_loss.d = tt_dec_from_i64(10000 + away * bw_between(w, 2100, 4000), 2);
    }
    if (bw_chance(w, 600)) {
        verdict.take_profit.d = tt_dec_from_i64(10000 - away * bw_between(w, 2100, 4000), 2);
    }
    if (!has_room(w, bm_value(qty, price * 10000)) || w->active_count > 200) {
        return;
    }
    uint32_t key = (uint32_t)bw_between(w, 1, BM_INSTRUMENTS);
    bw_note(w, "entry %s %lld of instrument %u", is_buy ? "buy" : "sell", (long long)qty, key);
    give_verdict(w, &verdict, key, random_source(w));
}

static void ask_for_reduction(bw_world *w)
{
    uint32_t leg = (uint32_t)bw_between(w, 0, (w->is_hedging ? BM_LEGS : BM_INSTRUMENTS) - 1);
    bool is_close = bw_chance(w, 500);
    tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(bw_between(w, 1, 2000), 3)},
        .status = TT_verdict_APPROVED,
        .kind = is_close ? TT_proposal_kind_CLOSE : TT_proposal_kind_REBALANCE,
        .side = w->model.positions[leg].qty > 0 ? TT_side_SELL : TT_side_BUY,
        .position_id = w->f->trade->books->positions[bw_leg_number(leg) - 1].position_id,
    };
    if (w->model.positions[leg].qty == 0) {
        return;
    }
    bw_note(w, "%s leg %u", is_close ? "close" : "reduce", leg);
    give_verdict(w, &verdict, leg % BM_INSTRUMENTS + 1, random_source(w));
}

static void give_command(bw_world *w)
{
    tt_position_command payload = {
        .command = (uint8_t)bw_between(w, 0, TT_position_command_type_COUNT - 1),
        .reason = TT_exit_reason_OPERATOR,
        .reduce_pct = {tt_dec_from_i64(bw_between(w, 1, 100), 0)},
    };
    uint32_t key = (uint32_t)bw_between(w, 0, BM_INSTRUMENTS);
    bw_note(w, "command %u of instrument %u", payload.command, key);
    bw_input(w, TT_TOPIC_POSITION_COMMANDS, key, &payload, 0);
}

/* --- prices, time --- */

static void move_price(bw_world *w)
{
    uint32_t instrument = (uint32_t)bw_between(w, 0, BM_INSTRUMENTS - 1);
    int64_t price = bw_between(w, 80000000, 120000000);
    tt_dec text = tt_dec_from_i64(price, 6);
    int64_t choice = bw_between(w, 0, 9);
    bw_note(w, "price %lld of instrument %u", (long long)price, instrument + 1);
    if (choice < 4 && instrument != 2) {
        tt_trade payload = {.price = {text}};
        w->has_trades[instrument] = true;
        bm_mark(&w->model, instrument, price);
        bw_input(w, TT_TOPIC_MARKET_TRADE, instrument + 1, &payload, 0);
    } else if (choice < 7) {
        tt_bar payload = {.close = {text}};
        bm_mark(&w->model, instrument, price);
        bw_input(w, TT_TOPIC_MARKET_BAR, instrument + 1, &payload, 0);
    } else {
        int64_t half = bw_between(w, 0, 5000);
        tt_quote payload = {
            .bid = {tt_dec_from_i64(price - half, 6)},
            .ask = {tt_dec_from_i64(price + half, 6)},
        };
        if (!w->has_trades[instrument]) {
            bm_mark(&w->model, instrument, price);
        }
        bw_input(w, TT_TOPIC_MARKET_QUOTE, instrument + 1, &payload, 0);
    }
}

static void let_time_pass(bw_world *w)
{
    tt_clock tick = {0};
    int64_t longest_ms = bw_chance(w, 50) ? 10000 : 1000;
    w->f->now.ns += bw_between(w, 0, longest_ms) * TT_NS_PER_MS;
    bw_note(w, "time passes");
    bw_input(w, TT_TOPIC_CLOCK, 0, &tick, 0);
}

static void toggle_outage(bw_world *w)
{
    w->is_down = !w->is_down;
    w->outages += w->is_down;
    bw_note(w, "the venue is %s", w->is_down ? "away" : "back");
}

/* --- the loop --- */

static void choose(bw_world *w, int64_t choice)
{
    if (choice < 160) {
        ask_for_entry(w);
    } else if (choice < 190) {
        ask_for_reduction(w);
    } else if (choice < 205) {
        give_command(w);
    } else if (choice < 290) {
        move_price(w);
    } else if (choice < 320) {
        let_time_pass(w);
    } else if (choice < 330) {
        bw_trade_without_order(w);
    } else if (choice < 342) {
        bw_fund(w);
    } else if (choice < 345) {
        bw_transfer(w);
    } else if (w->mail_count != 0 && !w->is_down) {
        bw_deliver(w);
    } else {
        choose(w, bw_between(w, 0, 344));
    }
}

void bw_step(bw_world *w)
{
    w->step++;
    bw_note(w, "nothing");
    for (unsigned i = 0; i < 4; i++) {
        bw_act(w);
    }
    if (w->step % 256 == 0) {
        bw_remind(w);
    }
    if (bw_chance(w, w->is_down ? 20 : 1)) {
        toggle_outage(w);
    } else if (tt_random_below(&w->random, 4000) == 0) {
        restart(w);
    } else {
        choose(w, bw_between(w, 0, 999));
    }
    bw_compare(w);
}

static bool is_quiet(const bw_world *w)
{
    bool is_flat = true;
    for (uint32_t i = 0; i < BM_LEGS; i++) {
        is_flat = is_flat && w->net[i] == 0 && w->model.positions[i].qty == 0;
    }
    bool is_over = w->f->trade->orders.table->live_count == 0 && is_flat;
    bool can_differ = w->is_hedging && !w->is_honest;
    return w->mail_count == 0 && w->model.waiting_count == 0 && (can_differ || is_over);
}

void bw_settle(bw_world *w)
{
    tt_position_command close = {
        .command = TT_position_command_type_CLOSE, .reason = TT_exit_reason_OPERATOR};
    w->is_calm = true;
    w->is_down = false;
    w->step++;
    restart(w);
    for (unsigned i = 0; i < 100000 && (i < 2000 || !is_quiet(w)); i++) {
        w->step++;
        bw_act(w);
        if (i % 256 == 0) {
            bw_remind(w);
        }
        bw_deliver(w);
        if (i % 100 == 0) {
            let_time_pass(w);
        }
        if (i % 1000 == 500) {
            bw_input(w, TT_TOPIC_POSITION_COMMANDS, 0, &close, 0);
        }
        bw_compare(w);
    }
    BW_CHECK(w, is_quiet(w));
    /* The ledger of the venue was kept at other moments, in another order. */
    bool is_told = true;
    for (uint32_t i = 0; i < w->active_count; i++) {
        const bw_order *order = &w->orders[w->active[i]];
        is_told = is_told && order->executed == order->booked;
    }
    BW_CHECK(w, is_told && w->cash == w->model.initial + w->model.transfers + w->model.cash_flow);
    tt_books_check_free(w->auditor);
    fixture_fini(w->f);
    tt_arena_fini(&w->arena);
}
