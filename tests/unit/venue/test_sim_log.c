/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The log of the exchange: what it remembers, cut at every byte, damaged, or not its own.
 *
 * Covers: sim_log_read.c
 */
#include "venue/sim_log.h"
#include "world.h"

#define LOG_MAX 400000

static unsigned char bytes[LOG_MAX];

static size_t load_log(const floor_bench *bench)
{
    FILE *file = fopen(bench->log, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_true(size < sizeof bytes);
    assert_int_equal(fclose(file), 0);
    return size;
}

static void store_log(const floor_bench *bench, size_t size)
{
    FILE *file = fopen(bench->log, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void expect_open_fails(floor_bench *bench, tutti_status status, const char *part)
{
    tt_venue venue;
    memset(&bench->error, 0, sizeof bench->error);
    assert_int_equal(
        tt_sim_venue_open(
            &bench->config, &bench->instruments, bench->seed, bench->log, &venue, &bench->error),
        status);
    if (strstr(bench->error.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", bench->error.message, part);
    }
}

static void reopen(floor_bench *bench)
{
    floor_close(bench);
    floor_open(bench);
}

static void test_everything_is_remembered(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "0.5");
    floor_market(bench, 1, TT_side_BUY, "0.4");         // Filled.
    floor_limit(bench, 2, TT_side_BUY, "1", "99");      // Works.
    floor_limit(bench, 3, TT_side_BUY, "0.0005", "99"); // Rejected.
    floor_limit(bench, 4, TT_side_BUY, "1", "98");      // Cancelled.
    floor_cancel(bench, 4);
    floor_stop(bench, 5, TT_side_SELL, "1", "90"); // Works.
    floor_order(bench, 6, TT_side_SELL, TT_order_type_LIMIT, "1", "101")->expire_time.ns =
        bench->now.ns + 10 * TT_NS_PER_S; // Will expire.
    floor_send(bench);
    floor_wait(bench, 0);
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
    }
    reopen(bench);
    assert_int_equal(tt_sim_venue_position(&bench->venue), 1);
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0.4");
    for (uint64_t id = 1; id <= 7; id++) {
        floor_query(bench, id);
    }
    expect(bench, "1 fill 0.4 @ 100.2 taker fee 0.02004 cum 0.4");
    assert_int_equal(bench->output.report.exec_id, 1);
    expect(bench, "1 status filled cum 0.4");
    expect(bench, "2 status submitted cum 0");
    expect(bench, "3 status rejected cum 0");
    assert_string_equal(bench->output.report.reason, "quantity 0.0005 is no multiple of 0.001");
    expect(bench, "4 status cancelled cum 0");
    expect(bench, "5 status submitted cum 0");
    expect(bench, "6 status submitted cum 0");
    expect(bench, "7 not_found cum 0: no order has this client order id");
    floor_market(bench, 1, TT_side_BUY, "0.4"); // The id is still known.
    expect(bench, "1 fill 0.4 @ 100.2 taker fee 0.02004 cum 0.4");
    expect(bench, "1 status filled cum 0.4");
    bench->feed_seq = 0;
    bench->now.ns -= TT_NS_PER_S;
    floor_quote(bench, "100", "3", "100.2", "0.5"); // Passed again: prices, and no fill.
    expect_nothing(bench);
    floor_quote(bench, "90", "3", "98", "0.3"); // New: fills what works.
    expect(bench, "2 fill 0.3 @ 99 maker fee 0.00594 cum 0.3");
    assert_int_equal(bench->output.report.exec_id, 2);
    assert_int_equal(bench->output.cause, 2);
    expect(bench, "5 fill 1 @ 90 taker fee 0.045 cum 1");
    floor_wait(bench, 10000);
    expect(bench, "6 expired cum 0: its time has passed");
    tt_sim_stats stats;
    tt_sim_venue_stats_get(&bench->venue, &stats);
    assert_int_equal(stats.orders, 6);
    assert_int_equal(stats.rejected, 1);
    assert_int_equal(stats.cancelled, 2);
    assert_int_equal(stats.executions, 3);
    assert_int_equal(stats.open_orders, 1);
}

/* What is under way when the client dies arrives all the same. */
static void test_requests_under_way(void **state)
{
    floor_bench *bench = *state;
    bench->config.order_latency.ns = 100 * TT_NS_PER_MS;
    floor_use_log(bench);
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "5");
    floor_limit(bench, 1, TT_side_BUY, "1", "99");
    floor_limit(bench, 2, TT_side_BUY, "1", "99");
    floor_wait(bench, 50);
    floor_cancel(bench, 2);
    floor_market(bench, 3, TT_side_BUY, "1");
    floor_wait(bench, 60);
    expect(bench, "1 accepted");
    reopen(bench);
    assert_int_equal(floor_sim(bench)->requests.count, 2);
    bench->feed_seq = 0;
    tt_time now = bench->now;
    bench->now.ns = INT64_C(1704067200) * TT_NS_PER_S;
    floor_quote(bench, "100", "3", "100.2", "5");
    bench->now = now;
    floor_wait(bench, 100);
    expect(bench, "2 cancelled cum 0: cancelled as asked");
    assert_int_equal(bench->output.cause, 102);
    expect(bench, "3 accepted");
    expect(bench, "3 fill 1 @ 100.2 taker fee 0.0501 cum 1");
    expect_nothing(bench);
}

/** What the first `size` bytes of a log hold. */
typedef struct log_sum {
    size_t whole; /**< Bytes of whole records. */
    uint32_t orders;
    uint32_t execs;
    tt_dec position;
    uint64_t feed_seq;
} log_sum;

static log_sum sum_log(size_t size)
{
    log_sum sum = {0};
    uint8_t sides[WORLD_STEPS_MAX];
    while (sum.whole + sizeof(tt_sim_record_head) <= size) {
        tt_sim_record record;
        memcpy(&record.head, bytes + sum.whole, sizeof record.head);
        if (sum.whole + sizeof record.head + record.head.size > size) {
            break;
        }
        memcpy(&record.body, bytes + sum.whole + sizeof record.head, record.head.size);
        sum.whole += sizeof record.head + record.head.size;
        sum.feed_seq = record.head.position;
        if (record.head.kind == TT_SIM_RECORD_ORDER) {
            sides[sum.orders++] = record.body.order.intent.side;
        } else if (record.head.kind == TT_SIM_RECORD_EXEC) {
            sum.execs++;
            tt_dec qty = record.body.exec.qty.d;
            bool is_buy = sides[record.body.exec.order.order] == TT_side_BUY;
            sum.position = is_buy ? tt_dec_xadd(sum.position, qty) : tt_dec_xsub(sum.position, qty);
        }
    }
    return sum;
}

static venue_world session;

static size_t make_session(floor_bench *bench, world_data data, uint64_t seed, int steps)
{
    floor_use_log(bench);
    world_start(&session, bench, data, seed);
    for (int step = 0; step < steps; step++) {
        world_step(&session);
    }
    assert_true(floor_sim(bench)->exec_count > 5);
    floor_close(bench);
    return load_log(bench);
}

/* Cut anywhere, the log opens with all whole records, goes on behind them, and stays sound. */
static void test_cut_at_every_byte(void **state)
{
    floor_bench *bench = *state;
    size_t size = make_session(bench, WORLD_QUOTES, 3, 120);
    for (size_t cut = 0; cut <= size; cut++) {
        store_log(bench, cut);
        floor_open(bench);
        log_sum sum = sum_log(cut);
        const tt_sim *sim = floor_sim(bench);
        assert_int_equal(sim->order_count, sum.orders);
        assert_int_equal(sim->exec_count, sum.execs);
        assert_true(tt_dec_eq(sim->markets[0].holdings[0].qty.d, sum.position));
        assert_int_equal(tt_sim_venue_position(&bench->venue), sum.feed_seq);
        if (cut % 97 == 0) { // Something new is written behind the cut.
            floor_limit(bench, 77777, TT_side_BUY, "1", "50");
            reopen(bench);
            assert_int_equal(floor_sim(bench)->order_count, sum.orders + 1);
            assert_int_equal(floor_sim(bench)->exec_count, sum.execs);
        }
        floor_close(bench);
    }
}

/* A wrong byte in a whole record is never taken for a torn end: that could forget executions. */
static void test_damage_is_an_error(void **state)
{
    floor_bench *bench = *state;
    size_t size = make_session(bench, WORLD_BARS, 4, 80);
    for (size_t at = 0; at < size; at += 5) {
        bytes[at] ^= 0x40;
        store_log(bench, size);
        expect_open_fails(bench, TUTTI_CORRUPT, ": byte ");
        bytes[at] ^= 0x40;
    }
}

/* Records that are whole but contradict one another. */
static void test_impossible_records(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    floor_quote(bench, "100", "3", "100.2", "5");
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    tt_sim *sim = floor_sim(bench);
    tt_sim_record record = {0};
    record.body.exec.order = (tt_sim_record_state){.state = TT_order_state_FILLED};
    record.body.exec.qty.d = record.body.exec.cumulative.d = num("1");
    tt_sim_record_seal(sim, TT_SIM_RECORD_EXEC, &record);
    size_t size = load_log(bench);
    floor_close(bench);
    // The order is filled already: a second execution of it is impossible.
    memcpy(bytes + size, &record, sizeof record.head + record.head.size);
    store_log(bench, size + sizeof record.head + record.head.size);
    expect_open_fails(bench, TUTTI_CORRUPT, "an execution that its order cannot have");
    record.body.state = (tt_sim_record_state){.order = 9};
    floor_use_log(bench);
    floor_open(bench);
    tt_sim_record_seal(floor_sim(bench), TT_SIM_RECORD_STATE, &record);
    size = load_log(bench);
    floor_close(bench);
    memcpy(bytes + size, &record, sizeof record.head + record.head.size);
    store_log(bench, size + sizeof record.head + record.head.size);
    expect_open_fails(bench, TUTTI_CORRUPT, "a state of an order that cannot have it");
    (void)unlink(bench->log);
}

static void test_another_log(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    floor_close(bench);
    bench->seed++;
    expect_open_fails(bench, TUTTI_INVALID, "it was written with another seed");
    bench->seed--;
    strcpy(bench->instruments.list[1].symbol, "SOL/USDT");
    expect_open_fails(bench, TUTTI_INVALID, "it was written for other instruments");
    strcpy(bench->instruments.list[1].symbol, "ETH/USDT");
    floor_open(bench);
    floor_close(bench);
    strcpy((char *)bytes, "something else, which is longer than the first record of a log is");
    store_log(bench, strlen((char *)bytes));
    expect_open_fails(bench, TUTTI_CORRUPT, "it is no log of the simulated exchange");
    store_log(bench, 10); // A short file is not wiped either, unless it is the start of a log.
    expect_open_fails(bench, TUTTI_CORRUPT, "it is no log of the simulated exchange");
    assert_int_equal(load_log(bench), 10);
}

static void test_another_version(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    tt_sim_record start;
    tt_sim_record_make_start(floor_sim(bench), &start);
    start.body.start.version++;
    tt_sim_record_seal(floor_sim(bench), TT_SIM_RECORD_START, &start);
    floor_close(bench);
    memcpy(bytes, &start, sizeof start.head + start.head.size);
    store_log(bench, sizeof start.head + start.head.size);
    expect_open_fails(bench, TUTTI_VERSION, "it was written by another version");
}

static void test_one_owner(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    expect_open_fails(bench, TUTTI_BUSY, "another process uses this log");
    floor_close(bench);
    floor_open(bench);
}

static void test_paths(void **state)
{
    floor_bench *bench = *state;
    strcpy(bench->log, "/absent/folder/log");
    expect_open_fails(bench, TUTTI_IO, "/absent/folder/log: cannot be opened");
    strcpy(bench->log, "/tmp");
    expect_open_fails(bench, TUTTI_IO, "/tmp: cannot be opened");
    bench->log[0] = '\0';
}

/* When a record cannot be written, nothing is told, and the exchange stops for good. */
static void test_write_failure(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    floor_open(bench);
    floor_market(bench, 1, TT_side_BUY, "1");
    expect(bench, "1 accepted");
    tt_sim *sim = floor_sim(bench);
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    (void)close(sim->log_fd);
    sim->log_fd = full;
    tt_bar bar = {.feed_seq = 1};
    bar.open.d = bar.high.d = bar.low.d = bar.close.d = num("100");
    bench->now.ns += TT_NS_PER_S;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            bench->venue.market(
                bench->venue.ctx, bench->now, TT_TOPIC_MARKET_BAR, BTC, &bar, &bench->error),
            TUTTI_NO_SPACE);
        assert_string_equal(
            bench->error.message, "the log of the simulated exchange: No space left on device");
    }
    expect_nothing(bench);
    assert_num(tt_sim_venue_holding(&bench->venue, BTC), "0");
    (void)floor_order(bench, 2, TT_side_BUY, TT_order_type_MARKET, "1", "");
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &bench->order.head, &bench->error),
        TUTTI_NO_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_everything_is_remembered),
        FLOOR_TEST(test_requests_under_way),
        FLOOR_TEST(test_cut_at_every_byte),
        FLOOR_TEST(test_damage_is_an_error),
        FLOOR_TEST(test_impossible_records),
        FLOOR_TEST(test_another_log),
        FLOOR_TEST(test_another_version),
        FLOOR_TEST(test_one_owner),
        FLOOR_TEST(test_paths),
        FLOOR_TEST(test_write_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
