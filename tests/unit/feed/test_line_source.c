/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lines: their ends, their bound, and buffers that end in the middle of them.
 *
 * Covers: byte_gzip.c byte_zip.c byte_zstd.c
 */
#include "base/random.h"
#include "feed/line_source.h"
#include "fixture.h"

static tt_line_source *open_lines(const char *path)
{
    tt_line_source *source = NULL;
    tt_error error = {0};
    assert_int_equal(tt_line_source_open(path, &source, &error), TUTTI_OK);
    return source;
}

static void expect_line(tt_line_source *source, uint64_t number, const char *text)
{
    tt_line line;
    tt_error error = {0};
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_OK);
    assert_int_equal(line.number, number);
    assert_int_equal(line.length, strlen(text));
    assert_memory_equal(line.text, text, line.length);
}

static void expect_end(tt_line_source *source)
{
    tt_line line;
    tt_error error = {0};
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_END);
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_END);
}

static void test_line_ends(void **state)
{
    const feed_bench *bench = *state;
    const char text[] = "\xef\xbb\xbfone\r\n\ntwo\n\r\nthree\rfour\nlast";
    tt_line_source *source = open_lines(bench_write(bench, "a", text, sizeof text - 1));
    expect_line(source, 1, "one");
    expect_line(source, 2, "");
    expect_line(source, 3, "two");
    expect_line(source, 4, "");
    expect_line(source, 5, "three\rfour");
    expect_line(source, 6, "last");
    expect_end(source);
    tt_line_source_close(source);
}

static void test_nothing_and_one_newline(void **state)
{
    const feed_bench *bench = *state;
    tt_line_source *source = open_lines(bench_write(bench, "a", "", 0));
    expect_end(source);
    tt_line_source_close(source);
    source = open_lines(bench_write(bench, "b", "\n", 1));
    expect_line(source, 1, "");
    expect_end(source);
    tt_line_source_close(source);
}

/* Three lines: one of `length` bytes between two short ones. */
static const char *write_long(const feed_bench *bench, size_t length, const char *line_end)
{
    char *text = malloc(length + 20);
    size_t size = (size_t)sprintf(text, "first\n");
    memset(text + size, 'x', length);
    size += length;
    size += (size_t)sprintf(text + size, "%slast", line_end);
    const char *path = bench_write(bench, "long", text, size);
    free(text);
    return path;
}

static void expect_long(tt_line_source *source, size_t length)
{
    tt_line line;
    tt_error error = {0};
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_OK);
    assert_int_equal(line.length, length);
    assert_int_equal(line.number, 2);
}

static void test_longest_line(void **state)
{
    const feed_bench *bench = *state;
    const char *const ends[] = {"\n", "\r\n"};
    for (size_t i = 0; i < 2; i++) {
        tt_line_source *source = open_lines(write_long(bench, TT_FEED_LINE_MAX, ends[i]));
        expect_line(source, 1, "first");
        expect_long(source, TT_FEED_LINE_MAX);
        expect_line(source, 3, "last");
        expect_end(source);
        tt_line_source_close(source);
    }
}

/* What is read ends between the "\r" and the "\n" of the longest line. */
static void test_longest_line_over_two_reads(void **state)
{
    const feed_bench *bench = *state;
    const size_t first = 65534;
    char *text = malloc(first + TT_FEED_LINE_MAX + 10);
    memset(text, 'x', first + 1 + TT_FEED_LINE_MAX);
    text[first] = '\n';
    strcpy(text + first + 1 + TT_FEED_LINE_MAX, "\r\nlast");
    tt_line_source *source = open_lines(bench_write(bench, "a", text, strlen(text)));
    tt_line line;
    tt_error error = {0};
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_OK);
    assert_int_equal(line.length, first);
    expect_long(source, TT_FEED_LINE_MAX);
    expect_line(source, 3, "last");
    expect_end(source);
    tt_line_source_close(source);
    free(text);
}

static void test_longer_line_is_skipped(void **state)
{
    const feed_bench *bench = *state;
    const size_t lengths[] = {TT_FEED_LINE_MAX + 1, TT_FEED_LINE_MAX + 2, 3 * TT_FEED_LINE_MAX};
    for (size_t i = 0; i < 3; i++) {
        tt_line_source *source = open_lines(write_long(bench, lengths[i], "\n"));
        expect_line(source, 1, "first");
        tt_line line;
        tt_error error = {0};
        assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_LIMIT);
        assert_int_equal(line.number, 2);
        assert_non_null(strstr(error.message, "longer than 1048576"));
        expect_line(source, 3, "last");
        expect_end(source);
        tt_line_source_close(source);
    }
}

static void test_long_line_at_the_end(void **state)
{
    const feed_bench *bench = *state;
    char *text = malloc(TT_FEED_LINE_MAX + 5);
    memset(text, 'x', TT_FEED_LINE_MAX + 5);
    tt_line_source *source = open_lines(bench_write(bench, "a", text, TT_FEED_LINE_MAX + 5));
    tt_line line;
    tt_error error = {0};
    assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_LIMIT);
    expect_end(source);
    tt_line_source_close(source);
    free(text);
}

/* Every line of a file of 4 MB comes out whole, wherever the buffer ends. */
static void test_many_lines(void **state)
{
    const feed_bench *bench = *state;
    tt_random random;
    tt_random_init(&random, 5, 0);
    const size_t capacity = 4 << 20;
    char *text = malloc(capacity);
    size_t size = 0;
    while (size < capacity - 100000) {
        size_t length = tt_random_below(&random, tt_random_below(&random, 50) == 0 ? 90000 : 60);
        memset(text + size, (int)('a' + length % 26), length);
        size += length;
        text[size++] = '\n';
    }
    tt_line_source *source = open_lines(bench_write(bench, "many", text, size));
    uint64_t number = 0;
    for (size_t at = 0; at < size;) {
        size_t length = (size_t)((const char *)memchr(text + at, '\n', size - at) - (text + at));
        tt_line line;
        tt_error error = {0};
        assert_int_equal(tt_line_source_next(source, &line, &error), TUTTI_OK);
        assert_int_equal(line.number, ++number);
        assert_int_equal(line.length, length);
        assert_memory_equal(line.text, text + at, length);
        at += length + 1;
    }
    expect_end(source);
    uint64_t done = 0;
    uint64_t total = 0;
    tt_line_source_progress(source, &done, &total);
    assert_int_equal(done, size);
    assert_int_equal(total, size);
    tt_line_source_close(source);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_line_ends, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_and_one_newline, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_longest_line, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(
            test_longest_line_over_two_reads, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_longer_line_is_skipped, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_long_line_at_the_end, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_many_lines, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
