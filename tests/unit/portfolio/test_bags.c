/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Profits: what of them is set aside, in which bag, and how much a day.
 *
 * Covers: portfolio_bags.c
 */
#include "fixture.h"

static void set_bags(void)
{
    static const char *const names[] = {"USDT", "XRP", "BTC"};
    static const char *const shares[] = {"33.34", "33.33", "33.33"};
    static const char *const thresholds[] = {"1", "25", "15"};
    desk.config.profit_bags = (tt_profit_bags_config){
        .enabled = true,
        .share_pct.d = num("10"),
        .min_profit.d = num("1"),
        .max_per_event.d = num("1000"),
        .max_per_day.d = num("5000"),
    };
    desk.config.bag_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        TT_TEXT_SET(desk.config.bags[i].name, names[i]);
        desk.config.bags[i].share_pct.d = num(shares[i]);
        desk.config.bags[i].threshold.d = num(thresholds[i]);
    }
}

static void close_with(const char *profit, const char *fees)
{
    const tt_position_update payload = {
        .realized_pnl.d = num(profit),
        .fees.d = num(fees),
        .position_id = 77,
        .event = TT_position_event_CLOSED,
        .side = TT_side_BUY,
    };
    say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &payload);
}

static const tt_profit_bag *bags(void)
{
    const tt_msg *msg = newest(TT_TOPIC_PROFIT_BAGS);
    return msg != NULL ? TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag) : NULL;
}

/* The newest allocation: the execution that may follow it is skipped. */
static const tt_profit_bag *allocation(void)
{
    const tt_msg *msg = newest(TT_TOPIC_PROFIT_BAGS);
    if (TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag)->event == TT_bag_event_EXECUTION) {
        msg = tt_bus_history(desk.core.bus, TT_TOPIC_PROFIT_BAGS, msg);
    }
    return TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag);
}

static void assert_parts(const char *usdt, const char *xrp, const char *btc)
{
    assert_num(allocation()->parts[0].amount, usdt);
    assert_num(allocation()->parts[1].amount, xrp);
    assert_num(allocation()->parts[2].amount, btc);
}

static void the_vectors_of_bags(void **state)
{
    (void)state;
    set_bags();
    start();
    close_with("0.5", "0");
    close_with("-5", "0");
    close_with("1.5", "0.6"); // after fees it is too small
    assert_null(bags());
    close_with("1", "0");
    assert_int_equal(bags()->event, TT_bag_event_ALLOCATION);
    assert_num(bags()->amount, "0.1");
    assert_parts("0.04", "0.03", "0.03");
    close_with("100", "0");
    assert_num(allocation()->amount, "10");
    assert_num(allocation()->set_aside, "10.1");
    assert_int_equal(allocation()->position_id, 77);
    assert_parts("3.34", "3.33", "3.33");
    // The bag of 1 is booked, those of 25 and 15 wait.
    assert_int_equal(bags()->event, TT_bag_event_EXECUTION);
    assert_num(bags()->amount, "3.38");
    assert_num(bags()->parts[0].booked, "3.38");
    assert_num(bags()->parts[0].pending, "0");
    assert_num(bags()->parts[1].pending, "3.36");
    close_with("20000", "0");
    assert_num(allocation()->amount, "1000");
    assert_int_equal(allocation()->is_capped, 1);
    assert_parts("333.4", "333.3", "333.3");
    assert_num(bags()->amount, "1006.72");
    assert_num(bags()->set_aside, "1010.1");
    assert_num(status().set_aside, "1010.1");
    assert_string_equal(status().bags[2].name, "BTC");
    assert_num(status().bags[2].booked, "336.66");
}

/* The cap of a day is never passed, and ends with the day. */
static void the_cap_of_a_day_is_kept(void **state)
{
    (void)state;
    set_bags();
    start();
    for (int i = 0; i < 4; i++) {
        close_with("10000", "0");
        assert_int_equal(allocation()->is_capped, 0);
    }
    close_with("9999.99", "0");
    assert_num(allocation()->amount, "999.99");
    close_with("10000", "0");
    assert_num(allocation()->amount, "0.01");
    assert_int_equal(allocation()->is_capped, 1);
    close_with("10000", "0");
    assert_num(allocation()->amount, "0");
    assert_num(allocation()->day_total, "5000");
    assert_num(status().bags_today, "5000");
    wait_s(86400);
    close_with("10000", "0");
    assert_num(allocation()->amount, "1000");
    assert_num(allocation()->day_total, "1000");
    assert_num(allocation()->set_aside, "6000");
}

/* What lies in bags is not allocated. */
static void bags_are_not_rebalanced(void **state)
{
    (void)state;
    set_bags();
    start();
    close_with("1000", "0");
    command(TT_command_REBALANCE);
    assert_num(plan()->equity, "900");
    assert_num(plan()->buys, "720");
    (void)close_desk(state);
    (void)open_desk(state);
    set_bags();
    desk.config.profit_bags.enabled = false;
    start();
    close_with("1000", "0");
    assert_null(bags());
}

/* Random profits: bags add up to what was set aside, to the cent; no cap is passed. */
static void bags_add_up(void **state)
{
    (void)state;
    set_bags();
    start();
    uint64_t seed = 11;
    for (int i = 0; i < 5000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        char profit[32];
        (void)snprintf(
            profit,
            sizeof profit,
            "%llu.%03llu",
            (unsigned long long)(seed >> 40) % 20000,
            (unsigned long long)(seed >> 20) % 1000);
        close_with(profit, "0");
        wait_s((int64_t)(seed >> 50) % 7200);
        const tt_portfolio_status now = status();
        tt_dec sum = TT_DEC_ZERO;
        for (uint32_t j = 0; j < now.bag_count; j++) {
            sum = tt_dec_xadd(sum, tt_dec_xadd(now.bags[j].pending.d, now.bags[j].booked.d));
        }
        assert_true(tt_dec_eq(sum, now.set_aside.d));
        assert_true(tt_dec_is_multiple(sum, TT_DEC_C(1, 2)));
        assert_true(tt_dec_le(now.bags_today.d, num("5000")));
    }
}

static void assert_refused(tutti_status status, const char *message)
{
    tt_error error = {0};
    assert_int_equal(tt_portfolio_config_check(&desk.config, &desk.instruments, &error), status);
    assert_string_equal(error.message, message);
}

static void bags_have_names_of_their_own(void **state)
{
    (void)state;
    set_bags();
    assert_refused(TUTTI_OK, "");
    memset(desk.config.bags[1].name, 0, sizeof desk.config.bags[1].name);
    assert_refused(TUTTI_INVALID, "profit_bags.bags[1] has no name");
    TT_TEXT_SET(desk.config.bags[1].name, "USDT");
    assert_refused(TUTTI_EXISTS, "profit_bags.bags[1] has the name USDT again");
    set_bags();
    setup_module(); // what close_desk takes down
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(the_vectors_of_bags),
        DESK_TEST(the_cap_of_a_day_is_kept),
        DESK_TEST(bags_are_not_rebalanced),
        DESK_TEST(bags_add_up),
        DESK_TEST(bags_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
