/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What must hold in every session: conservation, prices, fees, one end for each order, the same
 * reports for the same seed, and no change of fate by a crash.
 */
#include "base/crc32c.h"
#include "world.h"

#define ORDERS_MAX 2000

/** What the client has been told of an order. */
typedef struct ledger_entry {
    tt_order_intent intent;
    tt_dec filled;
    bool is_over;
    bool is_accepted;
} ledger_entry;

/** All that the client knows. */
typedef struct client_ledger {
    const venue_world *world;
    uint64_t seed;
    ledger_entry orders[ORDERS_MAX];
    uint64_t exec_count;
    tt_dec position;
    uint32_t crc;
} client_ledger;

static client_ledger book_of_client;

static void fail_at(const client_ledger *ledger, const tt_venue_output *output, const char *what)
{
    char text[256];
    floor_text(output, text);
    fail_msg(
        "seed %llu data %d: %s: %s",
        (unsigned long long)ledger->seed,
        ledger->world->data,
        what,
        text);
}

static void
check_price(const client_ledger *ledger, const ledger_entry *order, const tt_venue_output *output)
{
    const tt_venue_report *report = &output->report;
    const venue_world *world = ledger->world;
    bool is_buy = order->intent.side == TT_side_BUY;
    bool is_limit = tt_dec_sign(order->intent.price.d) > 0;
    tt_dec price = report->price.d;
    if (!tt_dec_is_multiple(price, num("0.1"))) {
        fail_at(ledger, output, "off the tick");
    }
    if (report->liquidity == TT_liquidity_MAKER) {
        if (!is_limit || !tt_dec_eq(price, order->intent.price.d)) {
            fail_at(ledger, output, "a maker not at its price");
        }
        return;
    }
    if (is_limit && (is_buy ? tt_dec_lt(order->intent.price.d, price)
                            : tt_dec_lt(price, order->intent.price.d))) {
        fail_at(ledger, output, "worse than its limit");
    }
    if (world->data == WORLD_QUOTES && !tt_dec_is_zero(world->last_quote.bid.d)) {
        // It met the newest quote, or the one before when it arrived between the two.
        tt_dec ask = tt_dec_min(world->quote.ask.d, world->last_quote.ask.d);
        tt_dec bid = tt_dec_max(world->quote.bid.d, world->last_quote.bid.d);
        if (is_buy ? tt_dec_lt(price, ask) : tt_dec_lt(bid, price)) {
            fail_at(ledger, output, "better than the quote");
        }
    }
    if (world->data == WORLD_BARS) {
        if (is_buy ? tt_dec_lt(price, world->bar.low.d) : tt_dec_lt(world->bar.high.d, price)) {
            fail_at(ledger, output, "better than the bar");
        }
    }
}

static void check_fill(client_ledger *ledger, const tt_venue_output *output)
{
    const tt_venue_report *report = &output->report;
    ledger_entry *order = &ledger->orders[report->order_id];
    if (report->exec_id <= ledger->exec_count && report->is_query_reply) {
        return; // Told again.
    }
    if (report->exec_id != ledger->exec_count + 1 || order->is_over) {
        fail_at(ledger, output, "out of turn, or after the end");
    }
    ledger->exec_count++;
    check_price(ledger, order, output);
    order->filled = tt_dec_xadd(order->filled, report->qty.d);
    if (!tt_dec_eq(order->filled, report->cumulative_qty.d) ||
        tt_dec_lt(order->intent.qty.d, order->filled) || tt_dec_sign(report->qty.d) <= 0) {
        fail_at(ledger, output, "quantities do not add up");
    }
    const char *rate = report->liquidity == TT_liquidity_MAKER ? "0.0002" : "0.0005";
    tt_dec fee = tt_dec_xmul(tt_dec_xmul(report->price.d, report->qty.d), num(rate));
    if (!tt_dec_eq(fee, report->fee.d)) {
        fail_at(ledger, output, "wrong fee");
    }
    tt_dec before = ledger->position;
    bool is_buy = order->intent.side == TT_side_BUY;
    ledger->position =
        is_buy ? tt_dec_xadd(before, report->qty.d) : tt_dec_xsub(before, report->qty.d);
    if (order->intent.reduce_only &&
        (tt_dec_le(tt_dec_xabs(before), tt_dec_xabs(ledger->position)) ||
         tt_dec_sign(before) * tt_dec_sign(ledger->position) < 0)) {
        fail_at(ledger, output, "reduce only added to the position");
    }
    order->is_over = tt_dec_eq(order->filled, order->intent.qty.d);
}

static void
check_end(const client_ledger *ledger, ledger_entry *order, const tt_venue_output *output)
{
    if (order->is_over || !tt_dec_eq(order->filled, output->report.cumulative_qty.d)) {
        fail_at(ledger, output, "a second end, or the wrong sum");
    }
    order->is_over = true;
}

static void check_report(client_ledger *ledger, const tt_venue_output *output)
{
    const tt_venue_report *report = &output->report;
    ledger_entry *order = &ledger->orders[report->order_id];
    switch ((tt_report_kind)report->kind) {
    case TT_report_kind_FILL:
        check_fill(ledger, output);
        break;
    case TT_report_kind_ACCEPTED:
        if (order->is_accepted || order->is_over) {
            fail_at(ledger, output, "accepted twice");
        }
        order->is_accepted = true;
        break;
    case TT_report_kind_REJECTED:
    case TT_report_kind_CANCELLED:
    case TT_report_kind_EXPIRED:
        check_end(ledger, order, output);
        break;
    case TT_report_kind_STATUS:
        if (!tt_dec_eq(order->filled, report->cumulative_qty.d)) {
            fail_at(ledger, output, "the state knows other fills");
        }
        break;
    case TT_report_kind_CANCEL_REJECTED:
    case TT_report_kind_NOT_FOUND:
        break;
    case TT_report_kind_NONE:
    case TT_report_kind_SEND_FAILED:
    case TT_report_kind_TIMEOUT:
    case TT_report_kind_AMENDED:
    case TT_report_kind_AMEND_REJECTED:
    case TT_report_kind_COUNT:
        fail_at(ledger, output, "unexpected");
    }
}

static void poll_all(client_ledger *ledger, floor_bench *bench)
{
    tt_venue_output output;
    while (bench->venue.poll(bench->venue.ctx, bench->now, &output)) {
        check_report(ledger, &output);
        ledger->crc = tt_crc32c(ledger->crc, &output, sizeof output);
    }
}

static uint32_t run_session(venue_world *world, floor_bench *bench, world_data data, uint64_t seed)
{
    client_ledger *ledger = &book_of_client;
    memset(ledger, 0, sizeof *ledger);
    ledger->world = world;
    ledger->seed = seed;
    world_start(world, bench, data, seed);
    for (int step = 0; step < 1500; step++) {
        uint64_t last_id = world->last_id;
        world_step(world);
        if (world->last_id != last_id) {
            ledger->orders[world->last_id].intent = bench->order.intent;
        }
        poll_all(ledger, bench);
    }
    assert_true(tt_dec_eq(ledger->position, tt_sim_venue_holding(&bench->venue, BTC).d));
    assert_int_equal(ledger->exec_count, floor_sim(bench)->exec_count);
    floor_close(bench);
    return ledger->crc;
}

static venue_world first_world;

static void test_sessions(void **state)
{
    floor_bench *bench = *state;
    uint64_t execs = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        for (world_data data = WORLD_BARS; data < WORLD_DATA_COUNT; data++) {
            (void)run_session(&first_world, bench, data, seed);
            execs += book_of_client.exec_count;
        }
    }
    assert_true(execs > 20000); // The sessions are not empty.
}

static void test_same_seed_same_reports(void **state)
{
    floor_bench *bench = *state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        for (world_data data = WORLD_BARS; data < WORLD_DATA_COUNT; data++) {
            uint32_t crc = run_session(&first_world, bench, data, seed);
            assert_int_equal(run_session(&first_world, bench, data, seed), crc);
        }
    }
}

/* How often the client polls changes nothing: time passes the same way. */
static void test_polling_changes_nothing(void **state)
{
    floor_bench *bench = *state;
    (void)run_session(&first_world, bench, WORLD_QUOTES, 7);
    uint64_t execs = book_of_client.exec_count;
    world_start(&first_world, bench, WORLD_QUOTES, 7);
    for (int step = 0; step < 1500; step++) {
        world_step(&first_world);
    }
    tt_venue_output output;
    while (bench->venue.poll(bench->venue.ctx, bench->now, &output)) {
    }
    assert_int_equal(floor_sim(bench)->exec_count, execs);
}

static uint32_t digest_execs(const floor_bench *bench)
{
    const tt_sim *sim = floor_sim(bench);
    uint32_t crc = 0;
    for (uint32_t i = 0; i < sim->exec_count; i++) {
        const tt_sim_exec *exec = &sim->execs[i];
        crc = tt_crc32c(crc, &exec->price, sizeof exec->price);
        crc = tt_crc32c(crc, &exec->qty, sizeof exec->qty);
        crc = tt_crc32c(crc, &exec->fee, sizeof exec->fee);
        crc = tt_crc32c(crc, &exec->time, sizeof exec->time);
        crc = tt_crc32c(crc, &exec->order, sizeof exec->order);
    }
    for (uint32_t i = 0; i < sim->order_count; i++) {
        crc = tt_crc32c(crc, &sim->orders[i].state, 2); // And the reason.
    }
    return crc;
}

/* A query under way is lost with the process, and with it what was sent later comes earlier: that
 * is another fate, and no fault. */
static bool has_query_under_way(const floor_bench *bench)
{
    const tt_sim_requests *requests = &floor_sim(bench)->requests;
    for (uint32_t i = 0; i < requests->count; i++) {
        uint32_t at = (requests->first + i) & (requests->capacity - 1);
        if (requests->ring[at].kind == TT_SIM_REQUEST_QUERY) {
            return true;
        }
    }
    return false;
}

/* Runs with crashes at random steps; returns what the exchange has done. */
static uint32_t
run_with_crashes(floor_bench *bench, world_data data, uint64_t seed, uint64_t one_in)
{
    (void)truncate(bench->log, 0);
    tt_random random;
    tt_random_init(&random, seed, 99);
    world_start(&first_world, bench, data, seed);
    for (int step = 0; step < 600; step++) {
        world_step(&first_world);
        bool is_drawn = one_in > 0 && tt_random_below(&random, one_in) == 0;
        if (is_drawn && !has_query_under_way(bench)) {
            world_crash(&first_world);
        }
    }
    world_crash(&first_world); // In the end everything must be in the log.
    uint32_t crc = digest_execs(bench);
    assert_true(floor_sim(bench)->exec_count > 0);
    floor_close(bench);
    return crc;
}

static void test_crashes_change_no_fate(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    for (uint64_t seed = 1; seed <= 8; seed++) {
        for (world_data data = WORLD_BARS; data < WORLD_DATA_COUNT; data++) {
            uint32_t crc = run_with_crashes(bench, data, seed, 0);
            if (run_with_crashes(bench, data, seed, 25) != crc) {
                fail_msg("seed %llu data %d: a crash changed it", (unsigned long long)seed, data);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_sessions),
        FLOOR_TEST(test_same_seed_same_reports),
        FLOOR_TEST(test_polling_changes_nothing),
        FLOOR_TEST(test_crashes_change_no_fate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
