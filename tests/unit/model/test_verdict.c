/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a verdict is read: the rows of checks that passed follow from its facts, the others stand in
 * its list.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "model/verdict.h"

#include <string.h>

static tt_dec num(const char *text)
{
    tt_dec value = TT_DEC_ZERO;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

/* A bought entry at 100 with stop 98 and target 104, that no check touched. */
static tt_risk_verdict passing(void)
{
    return (tt_risk_verdict){
        .size_before.d = num("1000"),
        .size_after.d = num("1000"),
        .qty.d = num("10"),
        .reference_price.d = num("100"),
        .stop_loss.d = num("98"),
        .take_profit.d = num("104"),
        .equity.d = num("10000"),
        .margin_available.d = num("9000"),
        .exposure_used.d = num("500"),
        .exposure_limit.d = num("8000"),
        .position_used.d = num("200"),
        .position_limit.d = num("2000"),
        .loss_limit.d = num("200"),
        .correlated_used.d = num("300"),
        .correlated_limit.d = num("4000"),
        .margin_limit.d = num("7000"),
        .drawdown_pct.d = num("1.25"),
        .confidence.d = num("0.8"),
        .disagreement.d = num("0.1"),
        .atr.d = num("1.5"),
        .atr_limit.d = num("3"),
        .min_qty.d = num("0.001"),
        .price_age_max.ns = 300 * TT_NS_PER_S,
        .checks_run = ((UINT32_C(1) << TT_RISK_PLACE_COUNT) - 1) & ~TT_RISK_PLACE_BIT(NO_POSITION),
        .entries_today = 4,
        .entries_max = 9,
        .drawdown_max_micro = 20000000,
        .stop_min_micro = 500000,
        .stop_max_micro = 5000000,
        .reward_min_micro = 1500000,
        .confidence_min_micro = 550000,
        .disagreement_max_micro = 200000,
        .leverage_before = 3,
        .leverage_after = 3,
        .leverage_max = 5,
        .positions = 2,
        .positions_max = 6,
        .losses_in_row = 1,
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = TT_side_BUY,
    };
}

typedef struct wanted_row {
    tt_risk_code code;
    const char *value;
    const char *limit;
    const char *before;
    const char *after;
} wanted_row;

static void assert_dec(tt_dec found, const char *wanted, tt_risk_code code)
{
    if (!tt_dec_eq(found, num(wanted))) {
        char text[TT_DEC_TEXT_MAX];
        (void)tt_dec_format(found, text);
        fail_msg("%s: %s, not %s", tt_enum_text(&tt_enum_risk_code, (uint8_t)code), text, wanted);
    }
}

static void assert_wanted(const tt_risk_check *row, const wanted_row *wanted)
{
    assert_int_equal(row->code, wanted->code);
    assert_dec(row->value.d, wanted->value, wanted->code);
    assert_dec(row->limit.d, wanted->limit, wanted->code);
    assert_dec(row->before.d, wanted->before, wanted->code);
    assert_dec(row->after.d, wanted->after, wanted->code);
}

static void every_check_that_passed_has_its_row(void **state)
{
    (void)state;
    static const wanted_row rows[] = {
        {TT_risk_code_INVALID_PROPOSAL, "0", "0", "0", "0"},
        {TT_risk_code_TRADING_HALTED, "1.25", "20", "0", "0"},
        {TT_risk_code_IN_COOLDOWN, "0", "0", "0", "0"},
        {TT_risk_code_PROTECTION_LOCK, "0", "0", "0", "0"},
        {TT_risk_code_ENTRY_WINDOW, "0", "0", "0", "0"},
        {TT_risk_code_TRADE_COUNT, "4", "9", "0", "0"},
        {TT_risk_code_NO_EQUITY, "10000", "0", "0", "0"},
        {TT_risk_code_NO_PRICE, "0", "300", "0", "0"},
        {TT_risk_code_UNRESOLVED_ORDER, "0", "0", "0", "0"},
        {TT_risk_code_MAX_POSITIONS, "2", "6", "0", "0"},
        {TT_risk_code_STOP_LOSS_REQUIRED, "98", "0", "0", "0"},
        {TT_risk_code_STOP_TOO_TIGHT, "2", "0.5", "0", "0"},
        {TT_risk_code_STOP_TOO_WIDE, "2", "5", "0", "0"},
        {TT_risk_code_LOW_RR, "2", "1.5", "0", "0"},
        {TT_risk_code_CONFIDENCE_TOO_LOW, "0.8", "0.55", "0", "0"},
        {TT_risk_code_AGENT_DISAGREEMENT, "0.1", "0.2", "0", "0"},
        {TT_risk_code_SIZE_ADVISED, "0", "1", "1000", "1000"},
        {TT_risk_code_SIZE_REDUCED, "1200", "2000", "1000", "1000"},
        {TT_risk_code_RISK_PER_TRADE, "20", "200", "1000", "1000"},
        {TT_risk_code_SIZE_REDUCED_LOSSES, "1", "5", "1000", "1000"},
        {TT_risk_code_VOLATILITY_SPIKE, "1.5", "3", "1000", "1000"},
        {TT_risk_code_LEVERAGE_REDUCED, "3", "5", "3", "3"},
        {TT_risk_code_SIZE_TOO_SMALL, "10", "0.001", "0", "0"},
        {TT_risk_code_EXPOSURE_LIMIT, "1500", "8000", "0", "0"},
        {TT_risk_code_CORRELATED_EXPOSURE, "1300", "4000", "0", "0"},
        {TT_risk_code_INSUFFICIENT_MARGIN, "333.333333333333333334", "7000", "0", "0"},
        {TT_risk_code_CIRCUIT_BREAKER, "0", "0", "0", "0"},
        {TT_risk_code_BUDGET, "0", "0", "0", "0"},
    };
    const tt_risk_verdict verdict = passing();
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    assert_int_equal(tt_verdict_count(&verdict), sizeof rows / sizeof rows[0]);
    assert_int_equal(view.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_wanted(&view.checks[i], &rows[i]);
        assert_int_equal(view.checks[i].outcome, TT_check_outcome_PASS);
    }
    assert_dec(view.exposure_pct.d, "5", TT_risk_code_NONE);
    assert_dec(view.risk_per_trade_pct.d, "0.2", TT_risk_code_NONE);
    assert_int_equal(view.leverage_after, 3);
    assert_int_equal(view.status, TT_verdict_APPROVED);
}

/* A distance that is no whole number of 10^-6 percent is rounded against the trade. */
static void distances_are_rounded_against_the_trade(void **state)
{
    (void)state;
    tt_risk_verdict verdict = passing();
    verdict.reference_price.d = num("99");
    verdict.checks_run = TT_RISK_PLACE_BIT(STOP_TOO_TIGHT) | TT_RISK_PLACE_BIT(STOP_TOO_WIDE) |
                         TT_RISK_PLACE_BIT(LOW_RR) | TT_RISK_PLACE_BIT(RISK_PER_TRADE);
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    assert_dec(view.checks[0].value.d, "1.010101", TT_risk_code_STOP_TOO_TIGHT);
    assert_dec(view.checks[1].value.d, "1.010102", TT_risk_code_STOP_TOO_WIDE);
    assert_dec(view.checks[2].value.d, "5", TT_risk_code_LOW_RR);
    assert_dec(view.checks[3].value.d, "10.10102", TT_risk_code_RISK_PER_TRADE);
}

/* What a row of the list took away, the checks behind it do not see. */
static void sizes_and_leverage_run_along(void **state)
{
    (void)state;
    tt_risk_verdict verdict = passing();
    verdict.count = 2;
    verdict.checks[0] = (tt_risk_check){
        .value.d = num("1200"),
        .limit.d = num("900"),
        .before.d = num("1000"),
        .after.d = num("700"),
        .code = TT_risk_code_SIZE_REDUCED,
        .outcome = TT_check_outcome_CLAMP,
    };
    verdict.checks[1] = (tt_risk_check){
        .value.d = num("3"),
        .limit.d = num("2"),
        .before.d = num("3"),
        .after.d = num("2"),
        .code = TT_risk_code_LEVERAGE_REDUCED,
        .outcome = TT_check_outcome_CLAMP,
    };
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    assert_int_equal(view.count, 28);
    assert_memory_equal(&view.checks[17], &verdict.checks[0], sizeof(tt_risk_check));
    assert_memory_equal(&view.checks[21], &verdict.checks[1], sizeof(tt_risk_check));
    static const wanted_row rows[][2] = {
        {{TT_risk_code_SIZE_ADVISED, "0", "1", "1000", "1000"}, {.code = (tt_risk_code)16}},
        {{TT_risk_code_RISK_PER_TRADE, "14", "200", "700", "700"}, {.code = (tt_risk_code)18}},
        {{TT_risk_code_EXPOSURE_LIMIT, "1200", "8000", "0", "0"}, {.code = (tt_risk_code)23}},
        {{TT_risk_code_INSUFFICIENT_MARGIN, "350", "7000", "0", "0"}, {.code = (tt_risk_code)25}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_wanted(&view.checks[rows[i][1].code], &rows[i][0]);
    }
}

static void a_warning_of_correlation_has_its_own_code(void **state)
{
    (void)state;
    tt_risk_verdict verdict = passing();
    verdict.checks_run =
        TT_RISK_PLACE_BIT(CORRELATED_EXPOSURE) | TT_RISK_PLACE_BIT(INSUFFICIENT_MARGIN);
    verdict.count = 1;
    verdict.checks[0] = (tt_risk_check){
        .value.d = num("3500"),
        .code = TT_risk_code_HIGH_CORRELATION,
        .outcome = TT_check_outcome_WARN};
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    assert_int_equal(view.count, 2);
    assert_int_equal(view.checks[0].code, TT_risk_code_HIGH_CORRELATION);
    assert_int_equal(view.checks[1].code, TT_risk_code_INSUFFICIENT_MARGIN);
}

/* A check with nothing to look at shows its limit, and no number of its own. */
static void skipped_checks_show_their_limit(void **state)
{
    (void)state;
    tt_risk_verdict verdict = passing();
    verdict.stop_loss.d = TT_DEC_ZERO;
    verdict.checks_run = TT_RISK_PLACE_BIT(STOP_TOO_TIGHT) | TT_RISK_PLACE_BIT(RISK_PER_TRADE) |
                         TT_RISK_PLACE_BIT(CORRELATED_EXPOSURE);
    verdict.checks_skipped = verdict.checks_run;
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    static const wanted_row rows[] = {
        {TT_risk_code_STOP_TOO_TIGHT, "0", "0.5", "0", "0"},
        {TT_risk_code_RISK_PER_TRADE, "0", "200", "0", "0"},
        {TT_risk_code_CORRELATED_EXPOSURE, "0", "4000", "0", "0"},
    };
    assert_int_equal(view.count, 3);
    for (int i = 0; i < 3; i++) {
        assert_wanted(&view.checks[i], &rows[i]);
        assert_int_equal(view.checks[i].outcome, TT_check_outcome_SKIP);
    }
    assert_dec(view.risk_per_trade_pct.d, "0", TT_risk_code_NONE);
}

/* A rebalance is held with its own money. */
static void the_margin_of_a_rebalance_is_whole(void **state)
{
    (void)state;
    tt_risk_verdict verdict = passing();
    verdict.kind = TT_proposal_kind_REBALANCE;
    verdict.checks_run = TT_RISK_PLACE_BIT(INSUFFICIENT_MARGIN);
    tt_verdict_view view;
    tt_verdict_show(&verdict, &view);
    assert_dec(view.checks[0].value.d, "1000", TT_risk_code_INSUFFICIENT_MARGIN);
    assert_dec(view.risk_per_trade_pct.d, "0", TT_risk_code_NONE); // It has no stop.
}

static void other_payloads_are_shown_as_they_are(void **state)
{
    (void)state;
    tt_bar bar = {.trade_count = 1};
    tt_shown room;
    assert_ptr_equal(tt_layout_shown(&tt_layout_bar), &tt_layout_bar);
    assert_ptr_equal(tt_payload_shown(&tt_layout_bar, &bar, &room), &bar);
    const tt_risk_verdict verdict = passing();
    const tt_verdict_view *view = tt_payload_shown(&tt_layout_risk_verdict, &verdict, &room);
    assert_ptr_equal(tt_layout_shown(&tt_layout_risk_verdict), &tt_layout_verdict_view);
    assert_int_equal(view->count, 28);
}

/* Bytes of a damaged journal give some rows, and never more than there is room for. */
static void any_bytes_can_be_shown(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 11, 0);
    for (int round = 0; round < 3000; round++) {
        tt_risk_verdict verdict;
        unsigned char *bytes = (unsigned char *)&verdict;
        for (size_t i = 0; i < sizeof verdict; i++) {
            bytes[i] = round % 3 == 0 ? 0xff : (unsigned char)tt_random_below(&random, 256);
        }
        verdict.kind = (uint8_t)tt_random_below(&random, 3);
        tt_verdict_view view;
        tt_verdict_show(&verdict, &view);
        assert_int_equal(view.count, __builtin_popcount(verdict.checks_run & 0x1fffffff));
    }
}

/* The short way to the loss is the product to the last digit, halves included. */
static void the_short_way_gives_the_same_loss(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 7, 0);
    for (int i = 0; i < 20000; i++) {
        tt_i128 micro = i % 5 == 0 ? 50000000 : tt_random_between(&random, 1, 100000000);
        tt_i128 size = tt_random_between(&random, 1, INT64_MAX);
        size *= i % 3 == 0 ? 1 : tt_random_between(&random, 1, INT64_C(900000000000));
        tt_dec share = {micro * (TT_DEC_ONE_I64 / TT_RISK_MICRO_PERCENT)};
        tt_dec expected = tt_dec_xmul((tt_dec){size}, share);
        assert_true(tt_dec_eq(tt_risk_loss_at((tt_money){{size}}, micro).d, expected));
    }
    assert_dec(tt_risk_loss_at((tt_money){num("1e15")}, 2000000).d, "2e13", TT_risk_code_NONE);
}

static void short_quotients_are_quotients(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 8, 0);
    for (int i = 0; i < 50000; i++) {
        tt_u128 n = (tt_u128)tt_random_u64(&random) << 64 | tt_random_u64(&random);
        n >>= tt_random_below(&random, 128);
        uint64_t rest = 0;
        uint64_t d = 1 + (tt_random_u64(&random) >> tt_random_below(&random, 64));
        d += d == 0; // One more than the largest is none.
        assert_true(tt_risk_divide_micro(n, &rest) == n / 100000000 && rest == n % 100000000);
        assert_true(tt_divide_word(n, 100, &rest) == n / 100 && rest == n % 100);
        assert_true(tt_divide_word(n, d, &rest) == n / d && rest == n % d);
        n %= (tt_u128)d << 64;
        assert_true(tt_divide_wide(n, d, &rest) == n / d && rest == n % d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_that_passed_has_its_row),
        cmocka_unit_test(distances_are_rounded_against_the_trade),
        cmocka_unit_test(sizes_and_leverage_run_along),
        cmocka_unit_test(a_warning_of_correlation_has_its_own_code),
        cmocka_unit_test(skipped_checks_show_their_limit),
        cmocka_unit_test(the_margin_of_a_rebalance_is_whole),
        cmocka_unit_test(other_payloads_are_shown_as_they_are),
        cmocka_unit_test(any_bytes_can_be_shown),
        cmocka_unit_test(the_short_way_gives_the_same_loss),
        cmocka_unit_test(short_quotients_are_quotients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
