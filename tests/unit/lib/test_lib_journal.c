/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal by itself: appended by several threads, read back, opened again, damaged.
 */
#include "../../lib/test.h"
#include "base/crc32c.h"
#include "folder.h"
#include "journal/journal_format.h"
#include "model/layout_set.h"

#include <tutti/journal.h>

#include <fcntl.h>
#include <pthread.h>
#include <time.h>

static tutti_journal *open_log(void)
{
    tutti_error error = {0};
    tutti_journal *journal = NULL;
    tutti_status status = tutti_journal_open(dir, TUTTI_DURABILITY_BATCH, &journal, NULL, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return journal;
}

static tutti_topic topic_of(tutti_journal *journal, const char *name)
{
    tutti_error error;
    tutti_topic topic = 0;
    assert_int_equal(tutti_journal_topic(journal, name, &topic, &error), TUTTI_OK);
    return topic;
}

/** Records of a topic in the directory, and the sum of their keys. */
static uint64_t count_records(const char *name, uint64_t *ret_keys)
{
    tutti_error error;
    tutti_journal_reader *reader = NULL;
    const tutti_message *message = NULL;
    uint64_t count = 0;
    *ret_keys = 0;
    assert_int_equal(tutti_journal_reader_open(dir, &reader, &error), TUTTI_OK);
    tutti_status status;
    while ((status = tutti_journal_reader_next(reader, &message, &error)) == TUTTI_OK) {
        const char *found = tutti_journal_reader_topic(reader, message->topic);
        assert_non_null(found);
        if (strcmp(found, name) == 0) {
            uint32_t size = 0;
            const char *bytes = tutti_message_bytes(message, &size);
            assert_int_equal(size, 5);
            assert_memory_equal(bytes, "hello", 5);
            *ret_keys += message->key;
            count++;
        }
    }
    assert_int_equal(status, TUTTI_END);
    tutti_journal_reader_close(reader);
    return count;
}

static void *append_many(void *ctx)
{
    tutti_journal *journal = ctx;
    tutti_topic topic = topic_of(journal, "greetings");
    uint64_t seq = 0;
    for (uint32_t i = 1; i <= 500; i++) {
        if (tutti_journal_append(journal, topic, i, "hello", 5, TUTTI_WAIT_FOREVER, &seq) !=
            TUTTI_OK) {
            return NULL;
        }
    }
    return tutti_journal_wait(journal, seq, TUTTI_WAIT_FOREVER) == TUTTI_OK ? ctx : NULL;
}

static void several_threads_append_and_wait(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, journal), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *done = NULL;
        (void)pthread_join(threads[i], &done);
        assert_non_null(done);
    }
    assert_int_equal(tutti_journal_durable(journal), 2001); // and one declaration
    uint64_t lost = 1;
    assert_int_equal(tutti_journal_close(journal, &lost), TUTTI_OK);
    assert_int_equal(lost, 0);
    uint64_t keys = 0;
    assert_int_equal(count_records("greetings", &keys), 2000);
    assert_int_equal(keys, 4 * 500 * 501 / 2);
}

/** A declaration is a message like any other, of the host, and of usual priority. */
static void a_topic_is_declared_before_its_first_record(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    tutti_topic topic = topic_of(journal, "first");
    assert_int_equal(
        tutti_journal_append(journal, topic, 7, "hello", 5, TUTTI_WAIT_FOREVER, NULL), TUTTI_OK);
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    tutti_error error;
    tutti_journal_reader *reader = NULL;
    const tutti_message *message = NULL;
    assert_int_equal(tutti_journal_reader_open(dir, &reader, &error), TUTTI_OK);
    assert_int_equal(tutti_journal_reader_next(reader, &message, &error), TUTTI_OK);
    assert_int_equal(message->seq, 1);
    assert_string_equal(tutti_journal_reader_topic(reader, message->topic), "topic_declarations");
    assert_int_equal(message->source, TT_SOURCE_HOST);
    assert_int_equal(message->priority, TT_priority_NORMAL);
    assert_int_equal(tutti_journal_reader_next(reader, &message, &error), TUTTI_OK);
    assert_int_equal(message->seq, 2);
    assert_string_equal(tutti_journal_reader_topic(reader, message->topic), "first");
    assert_int_equal(message->priority, TT_priority_NORMAL);
    assert_int_equal(tutti_journal_reader_next(reader, &message, &error), TUTTI_END);
    tutti_journal_reader_close(reader);
}

static void topics_keep_their_numbers(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    tutti_topic first = topic_of(journal, "first");
    tutti_topic second = topic_of(journal, "second");
    assert_int_equal(topic_of(journal, "first"), first);
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    journal = open_log();
    assert_int_equal(topic_of(journal, "second"), second);
    assert_int_equal(topic_of(journal, "first"), first);
    assert_true(topic_of(journal, "third") > second);
    assert_int_equal(
        tutti_journal_append(journal, second, 7, "hello", 5, TUTTI_WAIT_FOREVER, NULL), TUTTI_OK);
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    uint64_t keys = 0;
    assert_int_equal(count_records("second", &keys), 1);
    assert_int_equal(keys, 7);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    tutti_error error = {0};
    tutti_topic topic = topic_of(journal, "a");
    tutti_topic none = 9;
    char bytes[TUTTI_RECORD_MAX + 1] = {0};
    assert_int_equal(
        tutti_journal_append(journal, topic, 0, bytes, sizeof bytes, 0, NULL), TUTTI_RANGE);
    assert_int_equal(
        tutti_journal_append(journal, topic, 0, bytes, sizeof bytes - 1, 0, NULL), TUTTI_OK);
    assert_int_equal(
        tutti_journal_append(journal, (tutti_topic)(topic + 1), 0, bytes, 1, 0, NULL),
        TUTTI_INVALID);
    assert_int_equal(tutti_journal_topic(journal, "", &none, &error), TUTTI_INVALID);
    assert_int_equal(none, 0);
    assert_int_equal(tutti_journal_topic(journal, "fills", &none, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "fills"));
    tutti_journal *other = NULL;
    assert_int_equal(
        tutti_journal_open(dir, TUTTI_DURABILITY_NONE, &other, NULL, &error), TUTTI_BUSY);
    assert_int_equal(
        tutti_journal_open(dir, (tutti_durability)3, &other, NULL, &error), TUTTI_INVALID);
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    assert_int_equal(tutti_journal_close(NULL, NULL), TUTTI_OK);
    tutti_journal_reader *reader = NULL;
    assert_int_equal(
        tutti_journal_reader_open("/tmp/tutti_nowhere", &reader, &error), TUTTI_NOT_FOUND);
}

static void a_changed_byte_is_found(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    tutti_topic topic = topic_of(journal, "greetings");
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(
            tutti_journal_append(journal, topic, i, "hello", 5, TUTTI_WAIT_FOREVER, NULL),
            TUTTI_OK);
    }
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    char path[64];
    snprintf(path, sizeof path, "%s/00000000000000000001.ttj", dir);
    int file = open(path, O_RDWR);
    assert_true(file >= 0);
    char byte = 0;
    assert_int_equal(pread(file, &byte, 1, 400), 1);
    byte = (char)(byte ^ 4);
    assert_int_equal(pwrite(file, &byte, 1, 400), 1);
    assert_int_equal(close(file), 0);
    tutti_error error = {0};
    tutti_journal_reader *reader = NULL;
    const tutti_message *message = NULL;
    assert_int_equal(tutti_journal_reader_open(dir, &reader, &error), TUTTI_OK);
    tutti_status status;
    while ((status = tutti_journal_reader_next(reader, &message, &error)) == TUTTI_OK) {
    }
    assert_int_equal(status, TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
    tutti_journal_reader_close(reader);
    assert_int_equal(
        tutti_journal_open(dir, TUTTI_DURABILITY_NONE, &journal, NULL, &error), TUTTI_CORRUPT);
}

/** Writes the layouts of a release that called one topic otherwise; returns their fingerprint. */
static uint64_t write_other_layouts(void)
{
    static char text[TT_LAYOUT_TEXT_MAX];
    const char *topic = " consensus consensus\n";
    char path[96];
    tt_text_buf buf;
    tt_arena arena;
    tt_layout_set set;
    tt_text_init(&buf, text, sizeof text);
    tt_layout_set_write(&buf);
    memcpy(strstr(text, topic), " agreement", strlen(" agreement"));
    size_t size = (size_t)(strstr(text, "\nend ") + 1 - text);
    uint32_t checksum = tt_crc32c(0, text, size);
    size += (size_t)snprintf(text + size, sizeof text - size, "end %u\n", checksum);
    assert_int_equal(tt_arena_init(&arena, TT_LAYOUT_SET_MEMORY), TUTTI_OK);
    assert_int_equal(tt_layout_set_read(text, size, &arena, &set, NULL), TUTTI_OK);
    uint64_t fingerprint = tt_layout_set_fingerprint(&set);
    tt_arena_fini(&arena);
    snprintf(path, sizeof path, "%s/layouts-%020llu.txt", dir, (unsigned long long)fingerprint);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return fingerprint;
}

/** A log of another release is read by the names in its layouts; nobody appends to it. */
static void a_log_of_another_release_is_read(void **state)
{
    (void)state;
    tutti_journal *journal = open_log();
    assert_non_null(append_many(journal));
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    tt_segment_header header;
    char path[64];
    snprintf(path, sizeof path, "%s/00000000000000000001.ttj", dir);
    int file = open(path, O_RDWR);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &header, sizeof header, 0), sizeof header);
    header.layouts = write_other_layouts();
    header.crc = tt_crc32c(0, &header, offsetof(tt_segment_header, crc));
    assert_int_equal(pwrite(file, &header, sizeof header, 0), sizeof header);
    assert_int_equal(close(file), 0);
    uint64_t keys = 0;
    assert_int_equal(count_records("greetings", &keys), 500);
    assert_int_equal(keys, 500 * 501 / 2);
    tutti_error error = {0};
    assert_int_equal(
        tutti_journal_open(dir, TUTTI_DURABILITY_NONE, &journal, NULL, &error), TUTTI_VERSION);
    assert_non_null(strstr(error.message, "messages have other layouts"));
}

/** Appends records of the largest size and waits for the last of them. */
static void append_large(tutti_journal *journal, tutti_topic topic, uint64_t bytes)
{
    static const char record[TUTTI_RECORD_MAX] = {1};
    uint64_t seq = 0;
    for (uint64_t at = 0; at < bytes; at += sizeof record) {
        assert_int_equal(
            tutti_journal_append(
                journal, topic, 1, record, sizeof record, TUTTI_WAIT_FOREVER, &seq),
            TUTTI_OK);
    }
    assert_int_equal(tutti_journal_wait(journal, seq, TUTTI_WAIT_FOREVER), TUTTI_OK);
}

/** Waits up to `seconds` for the file that is made ahead; tells whether it is there. */
static bool has_file_ahead(double seconds)
{
    char path[64];
    const struct timespec pause = {.tv_nsec = 10000000};
    (void)snprintf(path, sizeof path, "%s/spare.new", dir);
    for (; seconds > 0 && access(path, F_OK) != 0; seconds -= 0.01) {
        (void)nanosleep(&pause, NULL);
    }
    return access(path, F_OK) == 0;
}

static void a_file_is_made_ahead_once_a_log_is_busy(void **state)
{
    (void)state;
    const uint64_t half = 32u << 20;
    tutti_journal *journal = open_log();
    tutti_topic topic = topic_of(journal, "large");
    append_large(journal, topic, half - (2u << 20));
    assert_false(has_file_ahead(0.05));
    append_large(journal, topic, 2u << 20);
    assert_true(has_file_ahead(20));
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
    assert_false(has_file_ahead(0));
    journal = open_log(); // One that goes on behind half a file is not busy for that.
    append_large(journal, topic, 1u << 20);
    assert_false(has_file_ahead(0.05));
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_threads_append_and_wait, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            a_topic_is_declared_before_its_first_record, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(topics_keep_their_numbers, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_found, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_log_of_another_release_is_read, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            a_file_is_made_ahead_once_a_log_is_busy, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
