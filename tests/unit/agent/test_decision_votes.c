/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Votes counted.
 *
 * Covers: decision_votes.c
 */
#include "../../lib/test.h"
#include "agent/decision_votes.h"

/** Votes from letters: b s h l c = BUY SELL HOLD CLOSE_LONG CLOSE_SHORT, - = abstains. The i-th
 * has a confidence of 0.5 + i/100. */
static uint32_t ballots_of(const char *letters, tt_ballot *ballots)
{
    static const char codes[] = "hbslc";
    uint32_t count = 0;
    for (; letters[count] != '\0'; count++) {
        const char *at = strchr(codes, letters[count]);
        ballots[count] = (tt_ballot){
            .confidence.d = tt_dec_from_i64(50 + (int64_t)count, 2),
            .action = at == NULL ? TT_action_BUY : (uint8_t)(at - codes),
            .is_valid = at != NULL,
        };
    }
    return count;
}

static void assert_ratio(tt_ratio value, const char *expected)
{
    char found[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value.d, found);
    assert_string_equal(found, expected);
}

static void the_most_votes_win(void **state)
{
    (void)state;
    tt_ballot ballots[8];
    static const struct {
        const char *letters;
        uint8_t action;
        uint32_t valid;
        uint32_t agreeing;
        bool has_majority;
    } rows[] = {
        {"", TT_action_HOLD, 0, 0, false},
        {"--", TT_action_HOLD, 0, 0, false},
        {"b", TT_action_BUY, 1, 1, true},
        {"bbs", TT_action_BUY, 3, 2, true},
        {"bbss", TT_action_BUY, 4, 2, false},
        {"hhbb", TT_action_HOLD, 4, 2, false},
        {"bb-h", TT_action_BUY, 3, 2, true},
        {"lllbb", TT_action_CLOSE_LONG, 5, 3, true},
        {"ccsbh", TT_action_CLOSE_SHORT, 5, 2, false},
        {"bbb-----", TT_action_BUY, 3, 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t count = ballots_of(rows[i].letters, ballots);
        tt_vote_count votes = tt_votes_count(ballots, count);
        assert_int_equal(votes.action, rows[i].action);
        assert_int_equal(votes.valid, rows[i].valid);
        assert_int_equal(votes.agreeing, rows[i].agreeing);
        assert_int_equal(tt_votes_have_majority(&votes), rows[i].has_majority);
    }
}

/* Means: of 0.50 .. 0.55 it is 0.525, and so on; the boost stands beside each row. */
static void agreement_raises_confidence(void **state)
{
    (void)state;
    tt_ballot ballots[8];
    static const struct {
        const char *letters;
        const char *confidence;
        const char *agreement;
    } rows[] = {
        {"bbbbbb", "0.675", "1"},      // + 0.15
        {"bbbbbs", "0.62", "0.8333"},  // five sixths: + 0.10
        {"bbbbss", "0.565", "0.6667"}, // four of six are two thirds: + 0.05
        {"bbbbsss", "0.515", "0.5714"},
        {"sbbb", "0.57", "0.75"},
        {"bbs", "0.555", "0.6667"},
        {"bbb-s", "0.56", "0.75"},
        {"bb-s", "0.555", "0.6667"}, // + 0.05
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t count = ballots_of(rows[i].letters, ballots);
        tt_vote_count votes = tt_votes_count(ballots, count);
        assert_ratio(tt_votes_confidence(ballots, count, &votes), rows[i].confidence);
        assert_ratio(tt_votes_agreement(&votes), rows[i].agreement);
    }
}

static void confidence_ends_at_one(void **state)
{
    (void)state;
    const tt_ballot sure = {.confidence.d = TT_DEC_C(9, 1), .action = TT_action_SELL, true};
    tt_vote_count votes = tt_votes_count(&sure, 1);
    assert_ratio(tt_votes_confidence(&sure, 1, &votes), "1");
    votes = tt_votes_count(NULL, 0);
    assert_ratio(tt_votes_agreement(&votes), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_votes_win),
        cmocka_unit_test(agreement_raises_confidence),
        cmocka_unit_test(confidence_ends_at_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
