/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The world of the tests of a loop that is driven turn by turn.
 */
#include "loop_fixture.h"

#include "base/crc32c.h"

fixture fix;
loop_sink sink;

static tutti_status keep(void *ctx, const void *step, size_t bytes)
{
    const unsigned char *at = step;
    (void)ctx;
    sink.steps++;
    sink.crc = tt_crc32c(sink.crc, step, bytes);
    for (bool is_first = true; at < (const unsigned char *)step + bytes; is_first = false) {
        const tt_msg *msg = (const void *)at;
        assert_int_equal(msg->seq, sink.last_seq + 1);
        assert_int_equal((msg->flags & TT_MSG_INPUT) != 0, is_first);
        sink.last_seq = msg->seq;
        sink.messages++;
        sink.inputs += (msg->flags & TT_MSG_INPUT) != 0;
        sink.dead += msg->topic == TT_TOPIC_DEAD_LETTERS;
        at += tt_msg_bytes(msg);
    }
    assert_ptr_equal(at, (const unsigned char *)step + bytes);
    return sink.answer;
}

void open_with(fixture_options options)
{
    memset(&sink, 0, sizeof sink);
    options.loop.sink = keep;
    fixture_open(&fix, &options);
    fix.clock.step_ns = 0;
}

tt_publisher *feed(void)
{
    return fixture_publisher(&fix, &(tt_publisher_options){.name = "feed"});
}

tt_mailbox *attached(const tt_mailbox_options *options, const tt_mailbox_subscription *subscription)
{
    tt_mailbox *box = fixture_box(&fix, options);
    assert_int_equal(tt_mailbox_subscribe(box, subscription), TUTTI_OK);
    assert_int_equal(tt_bus_loop_attach(fix.loop, box), TUTTI_OK);
    return box;
}

uint64_t take_quote(tt_mailbox *box)
{
    const tt_msg *msg = NULL;
    assert_int_equal(tt_mailbox_take_try(box, &msg), TUTTI_OK);
    assert_int_equal(msg->topic, TT_TOPIC_MARKET_QUOTE);
    uint64_t number = fixture_number(tt_msg_payload(msg));
    assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    return number;
}

tt_loop_report stop_now(tutti_status expected)
{
    static tt_loop_report report;
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){0}, &report), expected);
    return report;
}

tt_bus_loop_stats stats_now(void)
{
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(fix.loop, &stats);
    return stats;
}

tt_dead_letter newest_dead(void)
{
    const tt_msg *msg = tt_bus_history(fix.bus, TT_TOPIC_DEAD_LETTERS, NULL);
    assert_non_null(msg);
    return *TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
}
