/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Names that a journal declares: gathered as it is read, read again up to a point, and what hostile
 * declarations do.
 */
#include "../../lib/declared.h"
#include "journal/journal_names.h"
#include "journal_fixture.h"

static char root[FX_PATH_MAX];
static char dir[FX_PATH_MAX + 16];
static tt_journal_names *names;

static int clear(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(dir, sizeof dir, "%s/journal", root);
    return tt_journal_names_new(&names, NULL) != TUTTI_OK;
}

static int remove_dir(void **state)
{
    (void)state;
    tt_journal_names_free(names);
    fx_dir_remove(root);
    return 0;
}

static const char *topic_of(uint16_t topic)
{
    static char number[TT_NUMBER_TEXT_MAX];
    return tt_registry_topic_name(tt_journal_names_registry(names), topic, number);
}

static const char *source_of(uint16_t source)
{
    static char number[TT_NUMBER_TEXT_MAX];
    return tt_registry_source_name(tt_journal_names_registry(names), source, number);
}

static void test_names_come_with_their_declarations(void **state)
{
    (void)state;
    declared_make(dir, 2, 0);
    // What stands before the message is taken: none, the source, then the topics of its step.
    assert_int_equal(tt_journal_names_read(names, dir, DECLARED_SOURCE, NULL), TUTTI_OK);
    assert_string_equal(source_of(256), "256");
    assert_string_equal(topic_of(1024), "1024");
    assert_int_equal(tt_journal_names_read(names, dir, DECLARED_NEWS, NULL), TUTTI_OK);
    assert_string_equal(source_of(256), "reuters");
    assert_string_equal(topic_of(1024), "news.wire");
    assert_string_equal(topic_of(1025), "raw");
    assert_string_equal(topic_of(1026), "1026");
    assert_string_equal(topic_of(TT_TOPIC_FILLS), "fills");
    // Again, and all: the same.
    assert_int_equal(tt_journal_names_read(names, dir, UINT64_MAX, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_names_refused(names), 0);
    assert_int_equal(tt_registry_topic_count(tt_journal_names_registry(names)), 2);
    assert_int_equal(tt_registry_source_count(tt_journal_names_registry(names)), 1);
}

static void test_reading_stops_when_a_message_is_explained(void **state)
{
    (void)state;
    declared_make(dir, 20, 0);
    tt_journal_reader *reader = NULL;
    tt_journal_end end;
    tt_msg msg = {.topic = 1025, .source = 256};
    assert_int_equal(tt_journal_reader_open(dir, &reader, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_names_find(names, reader, 30, &msg, NULL), TUTTI_OK);
    tt_journal_reader_end(reader, &end);
    assert_int_equal(end.last_seq, DECLARED_NEWS - 1); // the step with the declarations
    assert_string_equal(topic_of(1025), "raw");
    msg.topic = 1026; // declared by nobody: up to the bound
    assert_int_equal(tt_journal_names_find(names, reader, 30, &msg, NULL), TUTTI_OK);
    tt_journal_reader_end(reader, &end);
    assert_int_equal(end.last_seq, 29);
    tt_journal_reader_close(reader);
}

static void test_no_names_are_the_built_in_ones(void **state)
{
    (void)state;
    assert_null(tt_journal_names_registry(NULL));
    tt_journal_names_free(NULL);
    tt_error error = {0};
    assert_int_equal(tt_journal_names_read(names, dir, 5, &error), TUTTI_NOT_FOUND);
    assert_true(error.message[0] != '\0');
}

/* A declaration as it would stand in a journal that a stranger has made. */
static tt_topic_declaration *declare(fx_step *step, const char *name, const char *schema)
{
    if (step->size > FX_STEP_MAX / 2) {
        tt_journal_names_take(names, step->bytes, step->size);
        step->size = 0;
    }
    tt_topic_declaration *record =
        fx_step_add(step, TT_TOPIC_TOPIC_DECLARATIONS, step->last_seq + 1, sizeof *record);
    record->topic_id = TT_TOPIC_USER_FIRST;
    record->priority = TT_priority_NORMAL;
    TT_TEXT_SET(record->name, name);
    TT_TEXT_SET(record->schema, schema);
    return record;
}

static void test_hostile_declarations_are_passed_over(void **state)
{
    (void)state;
    static fx_step step;
    step.size = 0;
    step.last_seq = 0;
    declare(&step, "news", "n:u64");                        // right
    declare(&step, "news", "n:u32");                        // another schema
    declare(&step, "other", "n:u64");                       // another name, the same number
    declare(&step, "news", "n:u64")->topic_id = 1025;       // the name under another number
    declare(&step, "fills", "n:u64")->topic_id = 1026;      // the name of a built-in topic
    declare(&step, "low", "n:u64")->topic_id = 3;           // the number of a built-in topic
    declare(&step, "far", "n:u64")->topic_id = 1024 + 4096; // one too far
    declare(&step, "last", "n:u64")->topic_id = UINT16_MAX; // far too far
    declare(&step, "", "n:u64")->topic_id = 1027;           // no name
    declare(&step, "a b", "n:u64")->topic_id = 1027;        // no name either
    declare(&step, "bad", "n:what")->topic_id = 1027;       // no schema
    declare(&step, "big", "bytes[65535]")->topic_id = 1027; // larger than a payload
    declare(&step, "kind", "n:u64")->kind = 99;
    memset(declare(&step, "x", "n:u64")->name, 'x', TT_TOPIC_NAME_MAX); // no end
    memset(declare(&step, "y", "n:u64")->schema, 0xff, TT_SCHEMA_TEXT_MAX);
    tt_source_declaration *source =
        fx_step_add(&step, TT_TOPIC_SOURCE_DECLARATIONS, step.last_seq + 1, sizeof *source);
    source->source_id = 3;
    TT_TEXT_SET(source->name, "low");
    tt_journal_names_take(names, step.bytes, step.size);
    assert_int_equal(tt_journal_names_refused(names), step.last_seq - 1);
    assert_string_equal(topic_of(1024), "news");
    assert_string_equal(topic_of(1025), "1025");
    assert_string_equal(topic_of(1027), "1027");
    assert_string_equal(topic_of(TT_TOPIC_FILLS), "fills");
    assert_int_equal(tt_registry_topic_count(tt_journal_names_registry(names)), 1);
    assert_int_equal(tt_registry_source_count(tt_journal_names_registry(names)), 0);
}

static void test_all_that_can_be_declared_has_room(void **state)
{
    (void)state;
    static fx_step step;
    for (uint32_t i = 0; i < TT_TOPICS_USER_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "topic.%u", i);
        step.size = 0;
        declare(&step, name, "n:u64")->topic_id = (uint16_t)(TT_TOPIC_USER_FIRST + i);
        tt_journal_names_take(names, step.bytes, step.size);
    }
    assert_int_equal(tt_journal_names_refused(names), 0);
    assert_int_equal(tt_registry_topic_count(tt_journal_names_registry(names)), TT_TOPICS_USER_MAX);
    assert_string_equal(topic_of(TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX - 1), "topic.4095");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_come_with_their_declarations, clear, remove_dir),
        cmocka_unit_test_setup_teardown(
            test_reading_stops_when_a_message_is_explained, clear, remove_dir),
        cmocka_unit_test_setup_teardown(test_no_names_are_the_built_in_ones, clear, remove_dir),
        cmocka_unit_test_setup_teardown(
            test_hostile_declarations_are_passed_over, clear, remove_dir),
        cmocka_unit_test_setup_teardown(test_all_that_can_be_declared_has_room, clear, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
