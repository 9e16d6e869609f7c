/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sources and the look at a message's payload.
 */
#include "../../lib/test.h"
#include "model/message.h"

static void every_source_is_found_by_its_name(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < TT_SOURCE_COUNT; i++) {
        uint16_t found = UINT16_MAX;
        assert_true(tt_source_find(tt_source_text(i), strlen(tt_source_text(i)), &found));
        assert_int_equal(found, i);
    }
    uint16_t unchanged = 9;
    assert_string_equal(tt_source_text(TT_SOURCE_COUNT), "?");
    assert_false(tt_source_find("feeds", 5, &unchanged));
    assert_int_equal(unchanged, 9);
    assert_int_equal(TT_SOURCE_OPERATOR, 4); // stored in journals
    assert_int_equal(TT_SOURCE_AGENT_PORTFOLIO, 16);
}

static void the_payload_follows_the_head(void **state)
{
    (void)state;
    struct {
        tt_msg head;
        tt_clock clock;
    } whole = {.head = {.topic = TT_TOPIC_CLOCK, .size = 16}, .clock = {.tick = 7}};
    assert_int_equal(tt_msg_bytes(&whole.head), 80);
    assert_int_equal(TT_PAYLOAD(&whole.head, CLOCK, clock)->tick, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_is_found_by_its_name),
        cmocka_unit_test(the_payload_follows_the_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
