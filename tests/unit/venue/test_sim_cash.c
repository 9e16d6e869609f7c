/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The cash of the account at the exchange: told in answers, and the same after a restart.
 * Covers: sim_cash.c
 */
#include "fixture.h"
#include "venue/sim_log.h"

#include <string.h>
#include <unistd.h>

#define ASKED 70

static void open_with(floor_bench *bench, const char *cash)
{
    floor_open(bench);
    tt_sim_venue_endow(&bench->venue, (tt_money){num(cash)}, "USDT");
}

/* What an answer tells beside the positions. */
typedef struct answer {
    uint32_t balances;
    uint32_t transfers;
    uint32_t payments; /**< As the last position says. */
    bool is_cut;
    tt_venue_balance balance;
    tt_venue_transfer transfer; /**< The last one. */
} answer;

static answer ask(floor_bench *bench, int64_t since_ns)
{
    struct {
        tt_msg head;
        tt_venue_query query;
    } what = {
        .head = {.topic = TT_TOPIC_VENUE_QUERIES, .seq = ASKED, .size = sizeof what.query},
        .query = {.query_id = ASKED, .funding_since = {since_ns}},
    };
    assert_int_equal(
        bench->venue.effect(bench->venue.ctx, bench->now, &what.head, &bench->error), TUTTI_OK);
    answer all = {0};
    bool is_last = false;
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        assert_false(is_last); // Nothing comes behind the last position.
        if (bench->output.topic == TT_TOPIC_VENUE_BALANCES) {
            all.balance = bench->output.balance;
            all.balances++;
        } else if (bench->output.topic == TT_TOPIC_VENUE_TRANSFERS) {
            assert_int_equal(bench->output.transfer.query_id, ASKED);
            all.transfer = bench->output.transfer;
            all.transfers++;
        } else if (bench->output.topic == TT_TOPIC_VENUE_POSITIONS) {
            is_last = bench->output.position.is_last;
            all.payments = bench->output.position.payments;
            all.is_cut = bench->output.position.payments_cut;
        }
    }
    assert_true(is_last);
    assert_int_equal(all.payments, all.transfers);
    return all;
}

static unsigned told(floor_bench *bench)
{
    unsigned count = 0;
    while (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        count += bench->output.topic == TT_TOPIC_VENUE_TRANSFERS;
    }
    return count;
}

static void pay(floor_bench *bench, const char *amount, bool is_told)
{
    assert_int_equal(
        tt_sim_venue_transfer(
            &bench->venue, bench->now, (tt_money){num(amount)}, is_told, &bench->error),
        TUTTI_OK);
}

static void trade(floor_bench *bench, uint64_t id, tt_side side, const char *qty)
{
    floor_order(bench, id, side, TT_order_type_MARKET, qty, "");
    floor_send(bench);
    (void)told(bench);
}

/* Buys 2 at 100 and sells 1 at 99.9, both as a taker: 0.1 and 0.04995 of fees. */
static void trade_twice(floor_bench *bench)
{
    floor_quote(bench, "99.9", "30", "100", "30");
    trade(bench, 1, TT_side_BUY, "2");
    trade(bench, 2, TT_side_SELL, "1");
}

static void test_the_cash_is_what_was_made_of_it(void **state)
{
    floor_bench *bench = *state;
    open_with(bench, "1000");
    answer all = ask(bench, 0);
    assert_int_equal(all.balances, 1);
    assert_num(all.balance.cash, "1000");
    assert_string_equal(all.balance.currency, "USDT");
    assert_int_equal(all.balance.query_id, ASKED);
    assert_true(all.balance.venue_time.ns == bench->now.ns);
    assert_int_equal(all.balance.tells_sums, 1);
    trade_twice(bench);
    all = ask(bench, 0);
    assert_num(all.balance.cash, "899.75005");
    assert_num(all.balance.fees, "0.14995");
    assert_num(all.balance.funding, "0");
    pay(bench, "-99.75005", false);
    all = ask(bench, 0);
    assert_num(all.balance.cash, "800");
    assert_num(all.balance.fees, "0.14995");
    assert_int_equal(all.transfers, 0);
}

static void test_an_account_without_endowment_has_no_balance(void **state)
{
    floor_bench *bench = *state;
    floor_open(bench);
    assert_int_equal(ask(bench, 0).balances, 0);
    assert_int_equal(
        tt_sim_venue_transfer(&bench->venue, bench->now, (tt_money){num("1")}, true, &bench->error),
        TUTTI_STATE);
}

static void test_funding_is_part_of_the_cash(void **state)
{
    floor_bench *bench = *state;
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = INT64_C(28800) * TT_NS_PER_S;
    bench->instruments.list[BTC - 1].max_leverage.d = num("10");
    open_with(bench, "1000");
    trade_twice(bench);
    floor_wait(bench, INT64_C(8) * 3600 * 1000);
    (void)told(bench);
    answer all = ask(bench, INT64_MAX);
    assert_num(all.balance.funding, "-0.009995"); // 1 x 99.95 x 0.0001
    assert_num(all.balance.cash, "899.740055");
}

static void test_a_told_transfer_is_told_and_listed(void **state)
{
    floor_bench *bench = *state;
    open_with(bench, "1000");
    int64_t start = bench->now.ns;
    pay(bench, "50", true);
    assert_int_equal(told(bench), 1);
    assert_num(bench->output.transfer.amount, "50");
    assert_int_equal(bench->output.transfer.transfer_id, 1);
    assert_int_equal(bench->output.transfer.query_id, 0);
    assert_string_equal(bench->output.transfer.currency, "USDT");
    pay(bench, "-1", false);
    assert_int_equal(told(bench), 0);
    answer all = ask(bench, start);
    assert_int_equal(all.transfers, 1);
    assert_int_equal(all.transfer.transfer_id, 1);
    assert_num(all.balance.cash, "1049");
    assert_int_equal(ask(bench, start + 1).transfers, 0);
    // Eight are kept; the ninth makes the list a cut one for who asks from its moment on.
    for (int i = 0; i < TT_SIM_TRANSFERS_KEPT; i++) {
        floor_wait(bench, 1000);
        assert_false(ask(bench, start).is_cut);
        pay(bench, "1", true);
        assert_int_equal(told(bench), 1);
    }
    all = ask(bench, start);
    assert_int_equal(all.transfers, TT_SIM_TRANSFERS_KEPT);
    assert_true(all.is_cut);
    assert_false(ask(bench, start + 1).is_cut);
}

static void test_what_cannot_be_transferred(void **state)
{
    floor_bench *bench = *state;
    open_with(bench, "1000");
    const char *const wrong[] = {"0", "1000000000000000.1", "-1000000000000000.1"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            tt_sim_venue_transfer(
                &bench->venue, bench->now, (tt_money){num(wrong[i])}, true, &bench->error),
            TUTTI_INVALID);
    }
    assert_int_equal(told(bench), 0);
    assert_num(ask(bench, 0).balance.cash, "1000");
}

static void test_faults_are_for_one_answer(void **state)
{
    floor_bench *bench = *state;
    open_with(bench, "1000");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_WRONG_NEXT_BALANCE);
    assert_num(ask(bench, 0).balance.cash, "2000");
    assert_num(ask(bench, 0).balance.cash, "1000");
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_DROP_NEXT_BALANCE);
    assert_int_equal(ask(bench, 0).balances, 0);
    assert_int_equal(ask(bench, 0).balances, 1);
    tt_sim_venue_fault(&bench->venue, TT_SIM_FAULT_LOSE_NEXT_FEE);
    floor_quote(bench, "99.9", "30", "100", "30");
    floor_order(bench, 1, TT_side_BUY, TT_order_type_MARKET, "2", "");
    floor_send(bench);
    expect(bench, "1 accepted");
    expect(bench, "1 fill 2 @ 100 taker fee 0 cum 2");
    answer all = ask(bench, 0);
    assert_num(all.balance.fees, "0.1");
    assert_num(all.balance.cash, "799.9");
}

static void test_a_restart_forgets_no_cash(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    open_with(bench, "1000");
    trade_twice(bench);
    int64_t moment = bench->now.ns;
    pay(bench, "50", true);
    pay(bench, "-7.5", false);
    floor_close(bench);
    open_with(bench, "1000");
    answer all = ask(bench, moment);
    assert_num(all.balance.cash, "942.25005");
    assert_num(all.balance.fees, "0.14995");
    assert_int_equal(all.transfers, 1);
    assert_num(all.transfer.amount, "50");
    pay(bench, "1", true); // Ids go on.
    (void)told(bench);
    assert_int_equal(ask(bench, moment).transfer.transfer_id, 3);
}

/* A log of before payments were written cannot say what was paid. */
static void test_a_log_without_payments_has_no_balance(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    bench->config.funding_rate.d = num("0.0001");
    bench->config.funding_interval.ns = INT64_C(28800) * TT_NS_PER_S;
    bench->instruments.list[BTC - 1].max_leverage.d = num("10");
    open_with(bench, "1000");
    trade_twice(bench);
    const tt_time moment = {
        (bench->now.ns / (INT64_C(28800) * TT_NS_PER_S) + 1) * (INT64_C(28800) * TT_NS_PER_S)};
    assert_int_equal(tt_sim_log_funding(floor_sim(bench), moment), TUTTI_OK);
    floor_close(bench);
    open_with(bench, "1000");
    bench->now = moment;
    assert_int_equal(ask(bench, 0).balances, 0);
}

static void test_a_forged_transfer_is_damage(void **state)
{
    floor_bench *bench = *state;
    floor_use_log(bench);
    open_with(bench, "1000");
    const tt_venue_transfer what = {.amount.d = num("5"), .transfer_id = 2};
    assert_int_equal(tt_sim_log_transfer(floor_sim(bench), &what, true), TUTTI_OK);
    floor_close(bench);
    assert_int_equal(
        tt_sim_venue_open(
            &bench->config, &bench->instruments, 1, bench->log, &bench->venue, &bench->error),
        TUTTI_CORRUPT);
    assert_non_null(strstr(bench->error.message, "a transfer that cannot be"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(test_the_cash_is_what_was_made_of_it),
        FLOOR_TEST(test_an_account_without_endowment_has_no_balance),
        FLOOR_TEST(test_funding_is_part_of_the_cash),
        FLOOR_TEST(test_a_told_transfer_is_told_and_listed),
        FLOOR_TEST(test_what_cannot_be_transferred),
        FLOOR_TEST(test_faults_are_for_one_answer),
        FLOOR_TEST(test_a_restart_forgets_no_cash),
        FLOOR_TEST(test_a_log_without_payments_has_no_balance),
        FLOOR_TEST(test_a_forged_transfer_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
