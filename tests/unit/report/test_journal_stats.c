/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counts of a journal: by topic, the largest step, an end that was never sealed.
 */
#include "../../lib/folder.h"
#include "../../lib/test.h"
#include "report/journal_stats.h"
#include "steps.h"

static steps made;
static char folder[64];
static tt_journal_stats stats; // large

static int clear(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    made.now.ns = 1000 * TT_NS_PER_S;
    strcpy(folder, "/tmp/tutti-stats-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    tt_test_remove_folder(folder);
    return 0;
}

static void messages_by_topic_and_the_largest_step(void **state)
{
    (void)state;
    tt_clock clock = {.tick = 1};
    tt_quote quote = {.feed_seq = 1};
    memset(&stats, 0, sizeof stats);
    const size_t clock_bytes = sizeof(tt_msg) + sizeof clock;
    const size_t quote_bytes = sizeof(tt_msg) + sizeof quote;
    (void)add_message(&made, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &clock);
    ((tt_msg *)(void *)made.bytes)->flags = TT_MSG_INPUT;
    tt_journal_stats_take(&stats, made.bytes, made.size);
    size_t second = made.size;
    made.now.ns += TT_NS_PER_S;
    (void)add_message(&made, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, 1, &quote);
    (void)add_message(&made, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &clock);
    tt_journal_stats_take(&stats, made.bytes + second, made.size - second);
    assert_int_equal(stats.messages, 3);
    assert_int_equal(stats.inputs, 1);
    assert_int_equal(stats.message_bytes, made.size);
    assert_int_equal(stats.topic_messages[TT_TOPIC_CLOCK], 2);
    assert_int_equal(stats.topic_bytes[TT_TOPIC_CLOCK], 2 * clock_bytes);
    assert_int_equal(stats.topic_messages[TT_TOPIC_MARKET_QUOTE], 1);
    assert_int_equal(stats.topic_bytes[TT_TOPIC_MARKET_QUOTE], quote_bytes);
    assert_int_equal(stats.first_time.ns, 1000 * TT_NS_PER_S);
    assert_int_equal(stats.largest_step, 2);
    assert_int_equal(stats.largest_step_messages, 2);
    assert_int_equal(stats.largest_step_bytes, clock_bytes + quote_bytes);
}

static void a_torn_end_is_told(void **state)
{
    (void)state;
    tt_journal_writer *writer = NULL;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    const tt_journal_options options = {.durability = TT_durability_NONE};
    tt_clock clock = {.tick = 1};
    (void)add_message(&made, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &clock);
    assert_int_equal(tt_journal_create(folder, "m", 1, &options, &writer, &error), TUTTI_OK);
    assert_int_equal(tt_journal_append(writer, made.bytes, made.size, &error), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, &error), TUTTI_OK);
    tt_journal_close(writer);
    char path[128];
    snprintf(path, sizeof path, "%s/00000000000000000001.ttj", folder);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "torn", 4), 4);
    close(fd);
    assert_int_equal(tt_journal_reader_open(folder, &reader, &error), TUTTI_OK);
    memset(&stats, 0, sizeof stats);
    const void *step = NULL;
    size_t size = 0;
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        tt_journal_stats_take(&stats, step, size);
    }
    tt_journal_stats_finish(&stats, reader);
    assert_int_equal(stats.messages, 1);
    assert_int_equal(stats.end.last_seq, 1);
    assert_int_equal(stats.end.cut_bytes, 4);
    assert_true(stats.tail[0] != '\0');
    tt_journal_reader_close(reader);
}

static void declared_topics_have_places_of_their_own(void **state)
{
    (void)state;
    tt_msg heads[3] = {
        {.seq = 1, .topic = TT_TOPIC_USER_FIRST},
        {.seq = 2, .topic = 5119},
        {.seq = 3, .topic = 5119}};
    memset(&stats, 0, sizeof stats);
    tt_journal_stats_take(&stats, heads, sizeof heads);
    assert_int_equal(stats.messages, 3);
    assert_int_equal(stats.topic_messages[TT_TOPIC_COUNT], 1);
    assert_int_equal(stats.topic_messages[TT_TOPIC_PLACES - 1], 2);
    assert_int_equal(stats.topic_bytes[TT_TOPIC_PLACES - 1], 2 * sizeof(tt_msg));
    assert_int_equal(stats.topic_messages[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            messages_by_topic_and_the_largest_step, clear, remove_folder),
        cmocka_unit_test_setup_teardown(
            declared_topics_have_places_of_their_own, clear, remove_folder),
        cmocka_unit_test_setup_teardown(a_torn_end_is_told, clear, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
