/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inputs made of what a venue says: each with its own topic and size.
 */
#include "../../lib/test.h"
#include "host/venue_input.h"

static void each_topic_has_its_payload(void **state)
{
    (void)state;
    static const struct {
        tt_topic said;
        tt_topic topic;
        size_t size;
    } rows[] = {
        {TT_TOPIC_NONE, TT_TOPIC_VENUE_REPORTS, sizeof(tt_venue_report)},
        {TT_TOPIC_VENUE_TRADES, TT_TOPIC_VENUE_TRADES, sizeof(tt_venue_trade)},
        {TT_TOPIC_FUNDING_PAYMENTS, TT_TOPIC_FUNDING_PAYMENTS, sizeof(tt_funding_payment)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_venue_output output = {.time = {7}, .key = 2, .cause = 9, .topic = rows[i].said};
        tt_input input;
        tt_venue_output_input(&output, &input);
        assert_int_equal(input.topic, rows[i].topic);
        assert_int_equal(input.payload_size, rows[i].size);
        assert_ptr_equal(input.payload, &output.report);
        assert_int_equal(input.source, TT_SOURCE_VENUE);
        assert_int_equal(input.time.ns, 7);
        assert_int_equal(input.key, 2);
        assert_int_equal(input.cause, 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_topic_has_its_payload)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
