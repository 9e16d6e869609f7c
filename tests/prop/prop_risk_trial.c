/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Risk against a model of it (reference/): the same checks, one function each, with every quotient
 * formed and every row written. Random configurations, states and proposals, many of them at the
 * edge of a limit; both must say the same to the last digit of every row. TUTTI_SEED sets another
 * seed, TUTTI_TRIALS another number of trials.
 */
#include "base/crc32c.h"
#include "trial_world.h"

#include <stdlib.h>
#include <string.h>

#define TRIALS  1000000
#define SETS_OF 500 /* Trials of one configuration. */
/* Of all messages of the default run; another one if the draws or the message change. */
#define DIGEST 0x6960310cu

static uint64_t agreed[TT_risk_code_COUNT];
static uint64_t statuses[TT_verdict_COUNT];

static void print_rows(const char *who, const tt_verdict_view *view)
{
    print_message(
        "%s: %s %s\n",
        who,
        tt_enum_text(&tt_enum_verdict, view->status),
        tt_enum_text(&tt_enum_risk_code, view->code));
    for (int i = 0; i < view->count; i++) {
        const tt_dec numbers[] = {
            view->checks[i].value.d,
            view->checks[i].limit.d,
            view->checks[i].before.d,
            view->checks[i].after.d};
        print_message(
            "  %-22s %s",
            tt_enum_text(&tt_enum_risk_code, view->checks[i].code),
            tt_enum_text(&tt_enum_check_outcome, view->checks[i].outcome));
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            char text[TT_DEC_TEXT_MAX];
            (void)tt_dec_format(numbers[n], text);
            print_message(" %s", text);
        }
        print_message("\n");
    }
}

static void compare(const tt_verdict_view *wanted, const tt_verdict_view *found)
{
    if (memcmp(wanted, found, sizeof *wanted) != 0) {
        print_rows("the model", wanted);
        print_rows("risk", found);
        fail_msg("risk and the model do not agree");
    }
    agreed[found->code]++;
    statuses[found->status]++;
}

/* Of all messages of a run: what the view does not show is held to be the same, too. */
static uint32_t digest;

/* Verdicts by the short way. */
static uint64_t plain_passes;

/* The short way may leave any proposal to the checks; where it says that one passes, it gives their
 * verdict, byte for byte. */
static void judge_plainly(world *w, tt_risk_trial trial)
{
    const tt_trade_proposal *proposal = trial.proposal;
    tt_risk_ready_plain(&trial);
    trial.proposal = proposal;
    trial.verdict = &w->plain;
    memset(&w->plain, 0x5a, sizeof w->plain);
    if (!tt_risk_pass_plainly(&trial)) {
        return;
    }
    size_t size = tt_layout_used_size(&tt_layout_risk_verdict, &w->verdict);
    assert_int_equal(w->plain.count, w->verdict.count);
    assert_memory_equal(&w->plain, &w->verdict, size);
    plain_passes++;
}

static void judge_both(world *w, uint32_t index, tt_dec market)
{
    static tt_verdict_view wanted;
    static tt_verdict_view found;
    const tt_trade_proposal *proposal = &w->proposal;
    const bool is_there = !tw_chance(60);
    static const tt_risk_symbol nothing;
    const tt_risk_symbol *symbol = is_there ? &w->state.symbols[index] : &nothing;
    const bool opens = proposal->kind == TT_proposal_kind_ENTRY ||
                       (proposal->kind == TT_proposal_kind_REBALANCE &&
                        proposal->side == TT_side_BUY && tt_dec_sign(symbol->qty.d) >= 0);
    tt_risk_trial trial = {
        .config = &w->config,
        .plan = &w->plan,
        .tables = &w->tables,
        .state = &w->state,
        .parts = &w->parts,
        .symbol = symbol,
        .instrument = is_there ? &w->instruments.list[index] : NULL,
        .proposal = proposal,
        .strategy = tw_chance(2) ? &w->strategy : NULL,
        .ready = &w->ready[is_there ? index : 0],
        .verdict = &w->verdict,
        .held = tt_risk_state_held(&w->state, symbol, proposal->side, !opens),
        .now.ns = (int64_t)tw_below(172800) * TT_NS_PER_S,
        .market_price_age.ns = (int64_t)tw_below(tw_chance(20) ? 600 : 300) * TT_NS_PER_S,
        .market_price.d = market,
        .symbol_index = is_there ? index : 0,
        .is_blind = tw_chance(60),
    };
    ref_trial model = {
        .config = trial.config,
        .plan = &w->ref_plan,
        .tables = trial.tables,
        .state = trial.state,
        .symbol = trial.symbol,
        .leg = trial.held,
        .instrument = trial.instrument,
        .proposal = trial.proposal,
        .strategy = trial.strategy,
        .last_exposure = &w->last_exposure,
        .verdict = &wanted,
        .now = trial.now,
        .market_price = trial.market_price,
        .market_price_age = trial.market_price_age,
        .symbol_index = trial.symbol_index,
        .is_blind = trial.is_blind,
    };
    memset(&wanted, 0, sizeof wanted);
    memset(&w->verdict, 0xa5, sizeof w->verdict); // Nothing of it may shine through.
    const tt_risk_trial before = trial;
    ref_judge(&model);
    tt_risk_judge(&trial);
    digest =
        tt_crc32c(digest, &w->verdict, tt_layout_used_size(&tt_layout_risk_verdict, &w->verdict));
    tt_verdict_show(&w->verdict, &found);
    // Rows that the model wrote and took back are none.
    memset(
        &wanted.checks[wanted.count],
        0,
        (TT_MAX_risk_check - wanted.count) * sizeof(tt_risk_check));
    compare(&wanted, &found);
    judge_plainly(w, before);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void run(world *w, uint64_t trials)
{
    for (uint64_t i = 0; i < trials; i++) {
        if (i % SETS_OF == 0) {
            tw_draw_set(w);
        }
        if (i % 4 == 0) {
            tw_draw_state(w);
            w->strategy.entries = (uint32_t)tw_below(40);
        }
        uint32_t index = (uint32_t)tw_below(INSTRUMENTS);
        tt_dec market = tw_draw_market();
        tw_draw_proposal(w, index, market);
        judge_both(w, index, market);
    }
}

static uint64_t begin(bool is_plain)
{
    uint64_t seed = number_of("TUTTI_SEED", 20261128);
    print_message("seed %llu\n", (unsigned long long)seed);
    tw_begin(seed, is_plain);
    plain_passes = 0;
    digest = 0;
    memset(agreed, 0, sizeof agreed);
    memset(statuses, 0, sizeof statuses);
    return number_of("TUTTI_TRIALS", TRIALS);
}

static void risk_says_what_the_model_says(void **unused)
{
    (void)unused;
    static world w;
    const uint64_t trials = begin(false);
    run(&w, trials);
    for (int code = 0; code < TT_risk_code_COUNT; code++) {
        const char *text = tt_enum_text(&tt_enum_risk_code, (uint8_t)code);
        print_message("  %-22s %llu\n", text, (unsigned long long)agreed[code]);
    }
    print_message("digest of the messages %08x\n", digest);
    if (!getenv("TUTTI_SEED") && trials == TRIALS) {
        assert_int_equal(digest, DIGEST);
    }
    // Worth something only if it reaches every end.
    assert_true(agreed[TT_risk_code_NONE] * 10 > trials);
    assert_true(agreed[TT_risk_code_SIZE_TOO_SMALL] > 100);
    assert_true(agreed[TT_risk_code_CIRCUIT_BREAKER] > 100);
    assert_true(statuses[TT_verdict_HELD] > 20 && statuses[TT_verdict_MODIFIED] > 100);
}

/* Where little stands in the way of an entry, so that most that pass are plain. */
static void the_short_way_says_it_too(void **unused)
{
    (void)unused;
    static world w;
    const uint64_t trials = begin(true);
    run(&w, trials);
    print_message(
        "passed %llu, of them the short way %llu\n",
        (unsigned long long)agreed[TT_risk_code_NONE],
        (unsigned long long)plain_passes);
    assert_true(agreed[TT_risk_code_NONE] * 10 > trials);
    assert_true(plain_passes * 8 > agreed[TT_risk_code_NONE]);
    assert_true(statuses[TT_verdict_APPROVED] > 100 && statuses[TT_verdict_MODIFIED] > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(risk_says_what_the_model_says),
        cmocka_unit_test(the_short_way_says_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
