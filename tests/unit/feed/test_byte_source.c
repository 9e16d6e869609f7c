/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Byte sources: the formats by their first bytes, and streams that are cut or damaged anywhere.
 */
#include "feed/byte_source.h"
#include "fixture.h"

#include <zip.h>
#include <zstd.h>

#define TEXT_BYTES 3000

/* Text that does not pack to nothing. */
static void make_text(char text[TEXT_BYTES + 1])
{
    uint32_t x = 7;
    for (int i = 0; i < TEXT_BYTES; i++) {
        x = x * 1664525u + 1013904223u;
        text[i] = i % 40 == 39 ? '\n' : (char)('a' + (x >> 24) % 20);
    }
    text[TEXT_BYTES] = '\0';
}

/* Reads a file in small pieces; returns how it ended. */
static tutti_status
read_file(const char *path, char *text, size_t capacity, size_t *ret_length, tt_error *error)
{
    tt_byte_source *source = NULL;
    *ret_length = 0;
    tutti_status status = tt_byte_source_open(path, &source, error);
    for (size_t count = 1; status == TUTTI_OK && count > 0;) {
        size_t room = capacity - *ret_length;
        assert_true(room > 0);
        status =
            tt_byte_source_read(source, text + *ret_length, room < 97 ? room : 97, &count, error);
        *ret_length += status == TUTTI_OK ? count : 0;
    }
    if (status == TUTTI_OK) {
        uint64_t done = 0;
        uint64_t total = 0;
        tt_byte_source_progress(source, &done, &total);
        assert_int_equal(done, total);
        assert_string_equal(tt_byte_source_path(source), path);
    }
    tt_byte_source_close(source);
    return status;
}

static void expect_text(const char *path, const char *text)
{
    static char found[20000];
    size_t length = 0;
    tt_error error = {0};
    if (read_file(path, found, sizeof found, &length, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(length, strlen(text));
    assert_memory_equal(found, text, length);
}

static void expect_failure(const char *path, tutti_status status, const char *part)
{
    static char found[20000];
    size_t length = 0;
    tt_error error = {0};
    assert_int_equal(read_file(path, found, sizeof found, &length, &error), status);
    if (strstr(error.message, part) == NULL || strstr(error.message, path) == NULL) {
        fail_msg("'%s' does not contain '%s' and the path", error.message, part);
    }
}

/* With a checksum of the text, as the zstd tool makes them. */
static size_t pack_zstd(const char *text, unsigned char *packed, size_t capacity)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    size_t size = ZSTD_compress2(context, packed, capacity, text, strlen(text));
    assert_false(ZSTD_isError(size));
    (void)ZSTD_freeCCtx(context);
    return size;
}

static void write_zip(const char *path, const char *text, bool with_folder)
{
    int code = 0;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    if (with_folder) {
        assert_true(zip_dir_add(archive, "data", 0) >= 0);
    }
    zip_source_t *source = zip_source_buffer(archive, text, strlen(text), 0);
    assert_true(zip_file_add(archive, "data/first.csv", source, 0) >= 0);
    source = zip_source_buffer(archive, "second", 6, 0);
    assert_true(zip_file_add(archive, "second.csv", source, 0) >= 0);
    assert_int_equal(zip_close(archive), 0);
}

static size_t load(const char *path, unsigned char *bytes, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, capacity, file);
    assert_int_equal(fclose(file), 0);
    return size;
}

static void test_plain(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    expect_text(bench_write(bench, "a.gz", text, TEXT_BYTES), text); // The name says nothing.
    expect_text(bench_write(bench, "empty", "", 0), "");
    expect_text(bench_write(bench, "one", "\x1f", 1), "\x1f"); // Half a magic number is text.
}

static void test_gzip_members(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    unsigned char packed[8000];
    size_t size = pack_gzip(text, packed, sizeof packed);
    expect_text(bench_write(bench, "a.csv", packed, size), text);
    // Members back to back are one text; an empty one between them changes nothing.
    size += pack_gzip("", packed + size, sizeof packed - size);
    size += pack_gzip("tail", packed + size, sizeof packed - size);
    char both[TEXT_BYTES + 8];
    (void)snprintf(both, sizeof both, "%stail", text);
    expect_text(bench_write(bench, "b.csv", packed, size), both);
}

static void test_gzip_cut_anywhere(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    unsigned char packed[8000];
    size_t size = pack_gzip(text, packed, sizeof packed);
    for (size_t cut = 2; cut < size; cut++) {
        const char *path = bench_write(bench, "cut.gz", packed, cut);
        expect_failure(path, TUTTI_CORRUPT, "cut short");
    }
}

static void test_gzip_damaged_anywhere(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    unsigned char packed[8000];
    size_t size = pack_gzip(text, packed, sizeof packed);
    // From byte 10 on, behind the header, whose time and system may be anything.
    for (size_t at = 10; at < size; at++) {
        packed[at] ^= 0x10;
        expect_failure(bench_write(bench, "bad.gz", packed, size), TUTTI_CORRUPT, "gzip");
        packed[at] ^= 0x10;
    }
    memcpy(packed + size, "rest", 4);
    expect_failure(bench_write(bench, "rest.gz", packed, size + 4), TUTTI_CORRUPT, "damaged");
}

static void test_zstd(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    unsigned char packed[8000];
    size_t size = pack_zstd(text, packed, sizeof packed);
    expect_text(bench_write(bench, "a.bin", packed, size), text);
    for (size_t cut = 4; cut < size; cut++) {
        expect_failure(bench_write(bench, "cut", packed, cut), TUTTI_CORRUPT, "cut short");
    }
    size += pack_zstd("tail", packed + size, sizeof packed - size);
    char both[TEXT_BYTES + 8];
    (void)snprintf(both, sizeof both, "%stail", text);
    expect_text(bench_write(bench, "two", packed, size), both);
    for (size_t at = 12; at < 1000; at += 9) {
        packed[at] ^= 0x10;
        const char *path = bench_write(bench, "bad", packed, size);
        expect_failure(path, TUTTI_CORRUPT, "zstd data is");
        packed[at] ^= 0x10;
    }
}

static void test_zip(void **state)
{
    const feed_bench *bench = *state;
    char text[TEXT_BYTES + 1];
    make_text(text);
    const char *path = bench_path(bench, "a.txt");
    write_zip(path, text, true);
    expect_text(path, text); // The folder in front is passed over, the second file not read.
    unsigned char packed[8000];
    size_t size = load(path, packed, sizeof packed);
    for (size_t cut = 4; cut < size; cut += 7) {
        expect_failure(bench_write(bench, "cut.zip", packed, cut), TUTTI_CORRUPT, "zip");
    }
    packed[300] ^= 0x10; // Within the packed text: its checksum is wrong.
    expect_failure(bench_write(bench, "bad.zip", packed, size), TUTTI_CORRUPT, "zip");
}

static void test_zip_without_file(void **state)
{
    const feed_bench *bench = *state;
    const unsigned char empty[22] = {'P', 'K', 5, 6};
    const char *path = bench_write(bench, "empty.zip", empty, sizeof empty);
    expect_failure(path, TUTTI_CORRUPT, "holds no file");
}

static void test_what_is_no_file(void **state)
{
    const feed_bench *bench = *state;
    expect_failure(bench_path(bench, "absent"), TUTTI_NOT_FOUND, "cannot be opened");
    expect_failure(bench->folder, TUTTI_INVALID, "is not a file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_gzip_members, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_gzip_cut_anywhere, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_gzip_damaged_anywhere, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_zstd, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_zip, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_zip_without_file, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
