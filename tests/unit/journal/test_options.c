/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a journal is made with, at its bounds and one beyond.
 */
#include "journal/journal_segment.h"
#include "journal_fixture.h"

/** Nothing is made of what is refused. */
static void expect_refused(const tt_journal_options *options, const char *text)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, options, &writer, &error),
        TUTTI_INVALID);
    assert_null(writer);
    assert_string_equal(error.message, text);
    assert_int_not_equal(access(fx_journal, F_OK), 0);
}

static void segments_have_at_most_4_gibibytes(void **state)
{
    (void)state;
    const uint64_t most = UINT64_C(4) << 30;
    tt_journal_options options = fx_options(TT_durability_NONE, most + 1);
    expect_refused(&options, "segments of 4294967297 bytes; at most 4 GiB");
    options.segment_bytes = most;
    tt_journal_close(fx_create(fx_journal, &options));
    options.segment_bytes = UINT64_MAX;
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "segments of 18446744073709551615 bytes; at most 4 GiB");
}

static void so_many_segments_are_kept_ready_and_no_more(void **state)
{
    (void)state;
    char text[80];
    tt_journal_options options = fx_options(TT_durability_NONE, 1 << 20);
    options.spares = TT_JOURNAL_SPARES_MAX + 1;
    (void)snprintf(
        text,
        sizeof text,
        "%d segments to keep ready; at most %d",
        TT_JOURNAL_SPARES_MAX + 1,
        TT_JOURNAL_SPARES_MAX);
    expect_refused(&options, text);
    options.spares = TT_JOURNAL_SPARES_MAX;
    tt_journal_close(fx_create(fx_journal, &options));
}

static void the_text_of_a_journal_is_bounded(void **state)
{
    (void)state;
    const tt_journal_options options = fx_options(TT_durability_NONE, 1 << 20);
    char *text = malloc(TT_JOURNAL_META_MAX + 1);
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    assert_non_null(text);
    memset(text, 'x', TT_JOURNAL_META_MAX + 1);
    assert_int_equal(
        tt_journal_create(fx_journal, text, TT_JOURNAL_META_MAX + 1, &options, &writer, &error),
        TUTTI_LIMIT);
    assert_string_equal(
        error.message,
        "the configuration text has 67108865 bytes; a journal keeps at most 67108864");
    assert_int_not_equal(access(fx_journal, F_OK), 0);
    assert_int_equal(
        tt_journal_create(fx_journal, text, TT_JOURNAL_META_MAX, &options, &writer, &error),
        TUTTI_OK);
    tt_journal_close(writer);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, &error), TUTTI_END);
    // One that was made larger by others is not read, though all its sums are right.
    tt_journal_dir dir;
    void *read = NULL;
    size_t size = 0;
    assert_int_equal(tt_journal_dir_open(&dir, fx_journal, &error), TUTTI_OK);
    assert_int_equal(tt_journal_meta_write(&dir, text, TT_JOURNAL_META_MAX + 1, &error), TUTTI_OK);
    assert_int_equal(tt_journal_meta_read(&dir, &read, &size, &error), TUTTI_CORRUPT);
    assert_null(read);
    tt_journal_dir_close(&dir);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments_have_at_most_4_gibibytes, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            so_many_segments_are_kept_ready_and_no_more, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(the_text_of_a_journal_is_bounded, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
