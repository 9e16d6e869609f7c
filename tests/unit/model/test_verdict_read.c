/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Verdicts from JSON: what was written is read to a verdict that says the same, member by member;
 * what no judgement of ours says is refused with what would be right.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "model/message_json.h"
#include "model/payload_json.h"
#include "model/verdict.h"

#include <string.h>

static char text[TT_MESSAGE_JSON_MAX];
static char again[TT_MESSAGE_JSON_MAX];

static size_t write_text(const tt_risk_verdict *verdict, char to[TT_MESSAGE_JSON_MAX])
{
    tt_json_writer writer;
    size_t length = 0;
    tt_json_writer_init(&writer, to, TT_MESSAGE_JSON_MAX, false);
    tt_payload_write_json(&writer, &tt_layout_risk_verdict, verdict, NULL);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    return length;
}

static tutti_status read_text(const char *json, tt_risk_verdict *verdict, tt_error *error)
{
    return tt_payload_from_json(&tt_layout_risk_verdict, json, strlen(json), NULL, verdict, error);
}

/* A row that says where it came from, so that a row that is swapped or lost is seen. */
static tt_risk_check row_of(tt_random *random, tt_risk_place place)
{
    uint8_t code = (uint8_t)tt_risk_code_at(place);
    bool is_warning = place == TT_RISK_PLACE_CORRELATED_EXPOSURE && tt_random_below(random, 2) != 0;
    return (tt_risk_check){
        .value.d = tt_dec_from_i64(tt_random_between(random, 0, 1000000), 4),
        .limit.d = tt_dec_from_i64(tt_random_between(random, 0, 1000000), 6),
        .before.d = tt_dec_from_i64(place, 0),
        .after.d = tt_dec_from_i64(tt_random_between(random, 0, 9), 0),
        .code = is_warning ? TT_risk_code_HIGH_CORRELATION : code,
        .outcome = (uint8_t)tt_random_below(random, TT_check_outcome_COUNT),
    };
}

/* Any facts, some checks of which some are listed. */
static tt_risk_verdict any_verdict(tt_random *random)
{
    bool is_large = tt_random_below(random, 8) == 0;
    tt_risk_verdict verdict = {
        .size_before.d = tt_dec_from_i64(tt_random_between(random, 0, 1000000000), 3),
        .size_after.d = tt_dec_from_i64(tt_random_between(random, 0, 1000000000), 3),
        .qty.d = tt_dec_from_i64(tt_random_between(random, 0, 1000000), 5),
        .reference_price.d = tt_dec_from_i64(tt_random_between(random, 50000, 100000), 2),
        .stop_loss.d = tt_dec_from_i64(tt_random_between(random, 0, 50000), 2),
        .take_profit.d = tt_dec_from_i64(tt_random_between(random, 0, 200000), 2),
        .equity.d = tt_dec_from_i64(tt_random_between(random, -1000, 100000000000), 7),
        .margin_available.d = tt_dec_from_i64(tt_random_between(random, -9, 900000), 2),
        .exposure_used.d = tt_dec_from_i64(tt_random_between(random, 0, INT64_MAX), 18),
        .position_limit.d = tt_dec_from_i64(tt_random_between(random, 0, 5000), 0),
        .drawdown_pct.d = tt_dec_from_i64(tt_random_between(random, 0, 100), 0),
        .atr.d = tt_dec_from_i64(tt_random_between(random, 0, 100), 1),
        .proposal_seq = tt_random_below(random, UINT32_MAX),
        .position_id = tt_random_below(random, 3),
        .locked_until.ns = tt_random_between(random, 0, 2) * TT_NS_PER_S,
        .entries_today = (uint32_t)tt_random_below(random, 9),
        .stop_min_micro = (uint32_t)tt_random_below(random, 1000000),
        .leverage_before = (uint8_t)tt_random_below(random, 9),
        .leverage_after = (uint8_t)tt_random_below(random, 9),
        .leverage_max = (uint8_t)tt_random_below(random, 9),
        .status = (uint8_t)tt_random_below(random, TT_verdict_COUNT),
        .code = tt_random_below(random, 2) ? TT_risk_code_NONE : TT_risk_code_LOW_RR,
        .kind = (uint8_t)tt_random_below(random, TT_proposal_kind_COUNT),
        .side = (uint8_t)tt_random_below(random, TT_side_COUNT),
        .exit_reason = (uint8_t)tt_random_below(random, TT_exit_reason_COUNT),
        .lock = (uint8_t)tt_random_below(random, TT_lock_reason_COUNT),
    };
    if (is_large) { /* Beyond what is counted in millionths of a percent with 128 bits. */
        verdict.equity.d = tt_dec_from_i64(tt_random_between(random, 1, 9000000000000), 0);
        verdict.exposure_used.d = tt_dec_from_i64(tt_random_between(random, 1, 9000000000000), 0);
    }
    for (int place = 0; place < TT_RISK_PLACE_COUNT; place++) {
        uint64_t kind = tt_random_below(random, 4);
        verdict.checks_run |= (uint32_t)(kind > 0) << place;
        verdict.checks_skipped |= (uint32_t)(kind == 1) << place;
        if (kind == 3) {
            verdict.checks[verdict.count++] = row_of(random, (tt_risk_place)place);
        }
    }
    return verdict;
}

static void what_is_written_reads_to_the_same(void **state)
{
    (void)state;
    const uint64_t seed = 11;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    for (int round = 0; round < 2000; round++) {
        const tt_risk_verdict verdict = any_verdict(&random);
        tt_risk_verdict back;
        tt_risk_verdict twice;
        tt_error error = {0};
        memset(&back, 0xEE, sizeof back);
        write_text(&verdict, text);
        if (read_text(text, &back, &error) != TUTTI_OK) {
            fail_msg("round %d: %s | %s\n%s", round, error.message, error.hint, text);
        }
        write_text(&back, again);
        assert_string_equal(again, text);
        assert_int_equal(tt_verdict_count(&back), tt_verdict_count(&verdict));
        assert_int_equal(back.count, tt_verdict_count(&verdict));
        /* Reading what was read changes nothing any more: the form is one. */
        assert_int_equal(read_text(again, &twice, NULL), TUTTI_OK);
        assert_memory_equal(&twice, &back, sizeof back);
    }
}

/* A verdict in JSON with one part of it replaced. */
static void refused(const char *part, const char *by, const char *message, const char *hint)
{
    static const char whole[] =
        "{\"size_before\":\"1000\",\"size_after\":\"1000\",\"reference_price\":\"100\","
        "\"stop_loss\":\"98\",\"equity\":\"10000\",\"exposure_pct\":\"5\","
        "\"risk_per_trade_pct\":\"0.2\",\"status\":\"approved\",\"kind\":\"entry\","
        "\"checks\":[{\"code\":\"LOW_RR\"},{\"code\":\"SIZE_REDUCED\"}]}";
    tt_risk_verdict verdict;
    tt_error error = {0};
    assert_int_equal(read_text(whole, &verdict, NULL), TUTTI_OK);
    assert_int_equal(verdict.count, 2);
    assert_int_equal(
        verdict.checks_run, TT_RISK_PLACE_BIT(LOW_RR) | TT_RISK_PLACE_BIT(SIZE_REDUCED));
    const char *at = strstr(whole, part);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, by, at + strlen(part));
    assert_int_equal(read_text(text, &verdict, &error), TUTTI_INVALID);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

/* A row holds numbers to 10^13, and so much of a verdict can be read. */
static void an_amount_beyond_a_row_is_refused(void **state)
{
    (void)state;
    tt_risk_verdict verdict = {
        .equity.d = tt_dec_from_i64(10000000000000, 0),
        .checks_run = TT_RISK_PLACE_BIT(NO_EQUITY),
    };
    tt_error error = {0};
    write_text(&verdict, text);
    assert_int_equal(read_text(text, &verdict, NULL), TUTTI_OK);
    verdict = (tt_risk_verdict){
        .equity.d = tt_dec_from_i64(10000000000001, 0),
        .checks_run = TT_RISK_PLACE_BIT(NO_EQUITY),
    };
    write_text(&verdict, text);
    assert_int_equal(read_text(text, &verdict, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "verdict_view.checks[0].value: the number is out of range");
    assert_string_equal(error.hint, "from -10000000000000 to 10000000000000");
}

static void what_does_not_follow_is_refused(void **state)
{
    (void)state;
    refused(
        "\"0.2\"",
        "\"0.3\"",
        "risk_verdict.risk_per_trade_pct: 0.3 does not follow from size, stop and equity",
        "0.2 does");
    refused(
        "\"exposure_pct\":\"5\"",
        "\"exposure_pct\":\"5.0000001\"",
        "risk_verdict.exposure_pct: 5.0000001 does not follow from any exposure",
        "5 does");
    const char *order = "each check once, in the order in which they run";
    refused("LOW_RR", "BUDGET", "risk_verdict.checks[1]: SIZE_REDUCED does not stand here", order);
    refused(
        "LOW_RR",
        "SIZE_REDUCED",
        "risk_verdict.checks[1]: SIZE_REDUCED does not stand here",
        order);
    refused("LOW_RR", "NONE", "risk_verdict.checks[0]: NONE does not stand here", order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_to_the_same),
        cmocka_unit_test(an_amount_beyond_a_row_is_refused),
        cmocka_unit_test(what_does_not_follow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
