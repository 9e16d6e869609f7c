/* SPDX-License-Identifier: Apache-2.0 */
/* The planner: targets, thresholds, order, amounts, batches. Every number is exact. */
#include "portfolio/plan.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static tt_dec num(const char *text)
{
    tt_dec value = TT_DEC_ZERO;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

static void assert_num_(tt_dec value, const char *text, int line)
{
    char got[TT_DEC_TEXT_MAX];
    tt_dec_format(value, got);
    if (!tt_dec_eq(value, num(text))) {
        fail_msg("line %d: %s, not %s", line, got, text);
    }
}
#define assert_num(value, text) assert_num_((value).d, text, __LINE__)

static void hold(tt_plan_input *input, const char *value, const char *target, const char *least)
{
    uint32_t at = input->count++;
    input->holdings[at] = (tt_plan_holding){
        .value.d = num(value),
        .target_pct.d = num(target),
        .min_trade.d = num(least),
        .instrument = at + 1,
    };
}

static tt_plan plan_of(tt_plan_input *input, const char *equity, const char *cash_target)
{
    tt_plan plan;
    input->equity.d = num(equity);
    input->cash_target_pct.d = num(cash_target);
    tt_plan_make(input, &plan);
    return plan;
}

static void
assert_row(const tt_plan *plan, uint32_t at, uint32_t instrument, tt_side side, const char *amount)
{
    assert_int_equal(plan->rows[at].instrument, instrument);
    assert_int_equal(plan->rows[at].side, side);
    assert_num(plan->rows[at].amount, amount);
    assert_int_equal(
        plan->rows[at].priority,
        side == TT_side_NONE   ? 0
        : side == TT_side_SELL ? 1
                               : 2);
}

/* 0.5 BTC at 45000, 10000 XRP at 0.60, 5000 USDT, to a third each. */
static void the_vector_of_thirds(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "22500", "33.333333333333333333", "10");
    hold(&input, "6000", "33.333333333333333333", "10");
    tt_plan plan = plan_of(&input, "33500", "33.333333333333333334");
    assert_int_equal(plan.trade_count, 2);
    assert_row(&plan, 0, 1, TT_side_SELL, "11333.33");
    assert_row(&plan, 1, 2, TT_side_BUY, "5166.67");
    assert_num(plan.sells, "11333.33");
    assert_num(plan.buys, "5166.67");
    tt_money amounts[] = {plan.rows[0].amount, plan.rows[1].amount};
    tt_money least[] = {{num("10")}, {num("10")}};
    assert_int_equal(tt_plan_batches(amounts, least, 2, 6), 6);
}

static void targets_are_followed_to_the_digit(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "22500", "33.33", "10");
    hold(&input, "6000", "33.33", "10");
    tt_plan plan = plan_of(&input, "33500", "33.34");
    assert_row(&plan, 0, 1, TT_side_SELL, "11334.45");
    assert_row(&plan, 1, 2, TT_side_BUY, "5165.55");
    assert_num(plan.cash, "5000");
    assert_num(plan.rows[1].target_pct, "33.33");
}

/* Largest distance, cash included; a share that lies on the threshold is seen to. */
static void deviation_is_the_largest_distance(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "3833", "33.33", "10");
    hold(&input, "3000", "33.33", "10");
    tt_plan plan = plan_of(&input, "10000", "33.34");
    assert_num(plan.max_deviation_pct, "5");
    assert_num(plan.rows[0].current_pct, "38.33");
    input = (tt_plan_input){.count = 0};
    hold(&input, "5000", "50", "10");
    plan = plan_of(&input, "5000", "50");
    assert_num(plan.cash, "0");
    assert_num(plan.max_deviation_pct, "50");
}

static void without_equity_all_is_on_target(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "3833", "50", "10");
    tt_plan plan = plan_of(&input, "0", "50");
    assert_int_equal(plan.trade_count, 0);
    assert_num(plan.max_deviation_pct, "0");
    plan = plan_of(&input, "-1", "50");
    assert_int_equal(plan.trade_count, 0);
}

/* The first and the last cent of the smallest trade. */
static void small_trades_are_not_made(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "510", "50", "10");
    tt_plan plan = plan_of(&input, "1000", "50");
    assert_row(&plan, 0, 1, TT_side_SELL, "10");
    input.holdings[0].value.d = num("509.99");
    plan = plan_of(&input, "1000", "50");
    assert_int_equal(plan.trade_count, 0);
    assert_row(&plan, 0, 1, TT_side_NONE, "0");
}

/* A target of 0 sells everything, also what is less than the smallest trade. */
static void an_exit_sells_all(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "3.456", "0", "10");
    hold(&input, "0.001", "0", "10");
    tt_plan plan = plan_of(&input, "1000", "100");
    assert_int_equal(plan.trade_count, 1);
    assert_row(&plan, 0, 1, TT_side_SELL, "3.45");
    assert_int_equal(plan.rows[0].is_exit, 1);
}

/* A short is bought back, no further. */
static void a_short_is_covered_first(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "-200.009", "50", "10");
    tt_plan plan = plan_of(&input, "1000", "50");
    assert_row(&plan, 0, 1, TT_side_BUY, "200");
}

static void sells_stand_first_then_the_larger(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "0", "10", "10");
    hold(&input, "0", "30", "10");
    hold(&input, "2000", "10", "10");
    hold(&input, "1000", "10", "10");
    hold(&input, "3000", "10", "10");
    hold(&input, "2000", "10", "10");
    tt_plan plan = plan_of(&input, "10000", "20");
    static const uint32_t order[] = {5, 3, 6, 2, 1, 4};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(plan.rows[i].instrument, order[i]);
    }
    assert_int_equal(plan.trade_count, 5);
    assert_int_equal(plan.rows[5].side, TT_side_NONE);
}

/* Nothing is borrowed: with all in two symbols, rounding up would take a cent too much. */
static void buys_are_paid_by_cash_and_sells(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "0", "50", "10");
    hold(&input, "0", "50", "10");
    tt_plan plan = plan_of(&input, "100.01", "0");
    assert_num(plan.buys, "100");
    assert_row(&plan, 0, 1, TT_side_BUY, "50");
    // More bound than there is: what is sold pays debts before it buys anything.
    input = (tt_plan_input){.count = 0};
    hold(&input, "2000", "50", "10");
    hold(&input, "0", "50", "10");
    plan = plan_of(&input, "1000", "0");
    assert_row(&plan, 0, 1, TT_side_SELL, "1500");
    assert_row(&plan, 1, 2, TT_side_BUY, "500");
}

/* A sale that is too small to be made pays for nothing; what is cut below the smallest trade is
 * left out. */
static void buys_are_cut_to_what_there_is(void **state)
{
    (void)state;
    tt_plan_input input = {.count = 0};
    hold(&input, "509", "50", "10");
    hold(&input, "0", "50", "10");
    tt_plan plan = plan_of(&input, "1000", "0");
    assert_int_equal(plan.trade_count, 1);
    assert_row(&plan, 0, 2, TT_side_BUY, "491");
    assert_row(&plan, 1, 1, TT_side_NONE, "0");
    assert_num(plan.buys, "491");
    // Half a cent too much for each of two.
    input = (tt_plan_input){.count = 0};
    hold(&input, "0", "50", "50.01");
    hold(&input, "0", "50", "50.02");
    plan = plan_of(&input, "100.03", "0");
    assert_int_equal(plan.trade_count, 1);
    assert_row(&plan, 0, 1, TT_side_BUY, "50.01");
    assert_row(&plan, 1, 2, TT_side_NONE, "0");
}

static uint32_t batches_of(const char *a, const char *b)
{
    tt_money amounts[2] = {{num(a)}, {b != NULL ? num(b) : TT_DEC_ZERO}};
    tt_money least[2] = {{num("10")}, {num("10")}};
    return tt_plan_batches(amounts, least, b != NULL ? 2 : 1, 6);
}

static tt_money batch(const char *amount, uint32_t batches, uint32_t index)
{
    return tt_plan_batch_amount((tt_money){num(amount)}, batches, index);
}

static void the_vectors_of_batches(void **state)
{
    (void)state;
    assert_int_equal(batches_of("500", NULL), 6);
    assert_num(batch("500", 6, 0), "83.35");
    assert_num(batch("500", 6, 1), "83.33");
    assert_num(batch("500", 6, 5), "83.33");
    assert_int_equal(batches_of("50", "460"), 5);
    assert_num(batch("50", 5, 0), "10");
    assert_num(batch("460", 5, 4), "92");
    assert_int_equal(batches_of("30", "480"), 3);
    assert_int_equal(batches_of("9", "495"), 1);
    assert_num(batch("495", 1, 0), "495");
}

static void cuts_are_in_proportion(void **state)
{
    (void)state;
    const tt_money amount = {num("100")};
    const tt_money sum = {num("300")};
    assert_num(tt_plan_cut(amount, sum, sum), "100");
    assert_num(tt_plan_cut(amount, (tt_money){num("299.99")}, sum), "99.99");
    assert_num(tt_plan_cut(amount, (tt_money){num("0")}, sum), "0");
    assert_num(tt_plan_cut(amount, (tt_money){num("-5")}, sum), "0");
}

static tt_dec random_dec(uint64_t *seed, uint64_t limit, int digits)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return tt_dec_from_i64((int64_t)((*seed >> 16) % limit), digits);
}

static bool are_cents(tt_dec amount)
{
    return tt_dec_is_multiple(amount, TT_DEC_C(1, 2));
}

static void check_batches(const tt_plan *plan, const tt_plan_input *input)
{
    tt_money amounts[TT_PLAN_ROWS_MAX];
    tt_money least[TT_PLAN_ROWS_MAX];
    for (uint32_t i = 0; i < plan->trade_count; i++) {
        amounts[i] = plan->rows[i].amount;
        least[i] = input->holdings[plan->rows[i].instrument - 1].min_trade;
    }
    uint32_t batches = tt_plan_batches(amounts, least, plan->trade_count, 6);
    assert_true(batches >= 1 && batches <= 6);
    for (uint32_t i = 0; i < plan->trade_count; i++) {
        tt_dec sum = TT_DEC_ZERO;
        for (uint32_t j = 0; j < batches; j++) {
            tt_dec part = tt_plan_batch_amount(amounts[i], batches, j).d;
            assert_true(are_cents(part));
            assert_true(batches == 1 || tt_dec_le(least[i].d, part));
            sum = tt_dec_xadd(sum, part);
        }
        assert_true(tt_dec_eq(sum, amounts[i].d));
    }
}

static void check_plan(const tt_plan *plan, const tt_plan_input *input)
{
    tt_dec sells = TT_DEC_ZERO;
    tt_dec buys = TT_DEC_ZERO;
    bool has_bought = false;
    for (uint32_t i = 0; i < plan->count; i++) {
        const tt_plan_row *row = &plan->rows[i];
        assert_true(are_cents(row->amount.d));
        assert_true((i < plan->trade_count) == (row->side != TT_side_NONE));
        if (row->side == TT_side_SELL) {
            assert_false(has_bought);
            assert_true(tt_dec_le(row->amount.d, tt_dec_xadd(row->value.d, TT_DEC_C(5, 3))));
            sells = tt_dec_xadd(sells, row->amount.d);
        } else if (row->side == TT_side_BUY) {
            has_bought = true;
            assert_true(tt_dec_le(input->holdings[row->instrument - 1].min_trade.d, row->amount.d));
            buys = tt_dec_xadd(buys, row->amount.d);
        }
    }
    assert_true(tt_dec_eq(sells, plan->sells.d) && tt_dec_eq(buys, plan->buys.d));
    tt_dec pays = tt_dec_max(tt_dec_xadd(plan->cash.d, sells), TT_DEC_ZERO);
    assert_true(tt_dec_le(buys, pays));
}

/* 20000 random portfolios: whole cents, sells first, sums right, nothing overspent, batches add up.
 */
static void random_portfolios_keep_the_rules(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int run = 0; run < 20000; run++) {
        tt_plan_input input = {.count = 0};
        uint32_t count = 1 + (uint32_t)(run % TT_PLAN_ROWS_MAX);
        tt_dec left = num("100");
        for (uint32_t i = 0; i < count; i++) {
            tt_dec target = tt_dec_min(random_dec(&seed, 4000, 2), left);
            left = tt_dec_xsub(left, target);
            tt_dec value = random_dec(&seed, 500000000, 4);
            bool is_short = random_dec(&seed, 10, 0).v == 0;
            input.holdings[i] = (tt_plan_holding){
                .value.d = is_short ? tt_dec_xneg(value) : value,
                .target_pct.d = target,
                .min_trade.d = random_dec(&seed, 5000, 2),
                .instrument = i + 1,
            };
            input.equity.d = tt_dec_xadd(input.equity.d, input.holdings[i].value.d);
        }
        input.count = count;
        input.cash_target_pct.d = left;
        tt_dec cash = tt_dec_xsub(random_dec(&seed, 400000000, 3), num("100000"));
        input.equity.d = tt_dec_xadd(input.equity.d, cash);
        tt_plan plan;
        tt_plan_make(&input, &plan);
        check_plan(&plan, &input);
        check_batches(&plan, &input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_thirds),
        cmocka_unit_test(targets_are_followed_to_the_digit),
        cmocka_unit_test(deviation_is_the_largest_distance),
        cmocka_unit_test(without_equity_all_is_on_target),
        cmocka_unit_test(small_trades_are_not_made),
        cmocka_unit_test(an_exit_sells_all),
        cmocka_unit_test(a_short_is_covered_first),
        cmocka_unit_test(sells_stand_first_then_the_larger),
        cmocka_unit_test(buys_are_paid_by_cash_and_sells),
        cmocka_unit_test(buys_are_cut_to_what_there_is),
        cmocka_unit_test(the_vectors_of_batches),
        cmocka_unit_test(cuts_are_in_proportion),
        cmocka_unit_test(random_portfolios_keep_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
