/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Capital of sub-accounts: how rows are read, and that the parts of it sum to the whole.
 */
#include "../../lib/test.h"
#include "base/error.h"
#include "fixture.h"
#include "model/text.h"

static void give(tt_trade_config *config, const char *strategy, const char *amount, const char *pct)
{
    tt_capital_config *row = &config->capital[config->capital_count++];
    TT_TEXT_SET(row->strategy, strategy);
    row->amount.d = dec(amount);
    row->share_pct.d = dec(pct);
}

static tt_trade_config start(void)
{
    tt_trade_config config = fixture_config();
    config.account.initial_balance.d = dec("10000");
    config.account.sub_accounts = true;
    return config;
}

static void expect_refused(const tt_trade_config *config, const char *message)
{
    tt_error error = {0};
    assert_int_equal(tt_capital_check(config, &error), TUTTI_INVALID);
    assert_string_equal(error.message, message);
}

static void rows_are_checked(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_trade_config config = start();
    give(&config, "strategy", "4000", "0");
    give(&config, "portfolio", "0", "60");
    assert_int_equal(tt_capital_check(&config, &error), TUTTI_OK);
    config.capital[1].share_pct.d = dec("60.000001");
    expect_refused(
        &config,
        "account.capital[1]: with it 10000.0001 would be given; account.initial_balance is 10000");
    config.capital[1].amount.d = dec("1");
    expect_refused(
        &config,
        "account.capital[1]: 'portfolio' needs an amount above 0 or a share_pct above 0, and not "
        "both");
    config.capital[1] = config.capital[0];
    expect_refused(&config, "account.capital[1]: 'strategy' is listed twice");
    TT_TEXT_SET(config.capital[1].strategy, "none");
    expect_refused(&config, "account.capital[1]: 'none' is no source of trades");
    config.capital_count = 1;
    config.capital[0].amount.d = dec("0");
    expect_refused(
        &config,
        "account.capital[0]: 'strategy' needs an amount above 0 or a share_pct above 0, and not "
        "both");
    config.capital[0].amount.d = dec("1");
    config.account.sub_accounts = false;
    expect_refused(&config, "account.capital[0]: a capital needs account.sub_accounts to be on");
    config.capital_count = TT_SUB_ACCOUNTS_MAX;
    assert_int_equal(tt_capital_check(&config, &error), TUTTI_LIMIT);
}

static const tt_sub_account_update *told(const fixture *f, unsigned index)
{
    const tt_msg *msg = sent(f, TT_TOPIC_SUB_ACCOUNT_UPDATES, index);
    assert_non_null(msg);
    return TT_PAYLOAD(msg, SUB_ACCOUNT_UPDATES, sub_account_update);
}

/* A third has no end: it is cut off at a millionth, and the house has the rest. */
static void parts_of_the_capital_sum_to_the_whole(void **state)
{
    (void)state;
    fixture f;
    tt_trade_config config = start();
    give(&config, "strategy", "0", "33.333333");
    give(&config, "trading_decision", "2500.5", "0");
    fixture_init_with(&f, &config);
    const tt_sub_account *list = f.trade->sub_accounts->list;
    assert_dec(list[1].initial.d, "3333.3333");
    assert_int_equal(list[1].source, TT_SOURCE_STRATEGY);
    assert_dec(list[2].initial.d, "2500.5");
    assert_int_equal(list[2].source, TT_SOURCE_AGENT_DECISION);
    assert_dec(list[0].initial.d, "4166.1667");
    const tt_session_event event = {.event = TT_session_event_type_STARTED};
    step(&f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    assert_int_equal(sent_count(&f, TT_TOPIC_SUB_ACCOUNT_UPDATES), 2);
    assert_int_equal(told(&f, 0)->account, 1);
    assert_dec(told(&f, 0)->initial.d, "3333.3333");
    assert_dec(told(&f, 0)->balance.d, "3333.3333");
    assert_dec(told(&f, 0)->equity.d, "3333.3333");
    assert_int_equal(told(&f, 1)->account_source, TT_SOURCE_AGENT_DECISION);
    assert_dec(told(&f, 1)->equity.d, "2500.5");
    tt_trade_check(f.trade);
    f.trade->sub_accounts->list[0].initial.d.v++; /* One in the last digit. */
    TT_EXPECT_ABORT((tt_sub_check(f.trade), 0));
    f.trade->sub_accounts->list[0].initial.d.v--;
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_checked),
        cmocka_unit_test(parts_of_the_capital_sum_to_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
