/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The JSON writer: exact text, escapes, every too small buffer, round trip through the reader.
 */
#include "../../lib/test.h"
#include "base/json.h"

/* A text with every kind of value. */
static void write_sample(tt_json_writer *writer)
{
    tt_json_begin_object(writer);
    tt_json_key(writer, "a\"b");
    tt_json_begin_array(writer);
    tt_json_u64(writer, UINT64_MAX);
    tt_json_i64(writer, INT64_MIN);
    tt_json_dec(writer, TT_DEC_C(-25, 2));
    tt_json_bool(writer, true);
    tt_json_bool(writer, false);
    tt_json_null(writer);
    tt_json_raw(writer, "1e5", 3);
    tt_json_begin_array(writer);
    tt_json_end_array(writer);
    tt_json_end_array(writer);
    tt_json_key(writer, "o");
    tt_json_begin_object(writer);
    tt_json_end_object(writer);
    tt_json_key(writer, "s");
    tt_json_text(writer, "x");
    tt_json_end_object(writer);
}

static const char sample[] = "{\"a\\\"b\":[18446744073709551615,-9223372036854775808,-0.25,true,"
                             "false,null,1e5,[]],\"o\":{},\"s\":\"x\"}";

static void whole_numbers_beyond_2_to_53_are_strings(void **state)
{
    (void)state;
    const uint64_t edge = (UINT64_C(1) << 53) - 1;
    char text[256];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, false);
    tt_json_begin_array(&writer);
    tt_json_exact_u64(&writer, 0);
    tt_json_exact_u64(&writer, edge);
    tt_json_exact_u64(&writer, edge + 1);
    tt_json_exact_u64(&writer, UINT64_MAX);
    tt_json_exact_i64(&writer, (int64_t)edge);
    tt_json_exact_i64(&writer, (int64_t)edge + 1);
    tt_json_exact_i64(&writer, -(int64_t)edge);
    tt_json_exact_i64(&writer, -(int64_t)edge - 1);
    tt_json_exact_i64(&writer, INT64_MIN);
    tt_json_end_array(&writer);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    assert_string_equal(
        text,
        "[0,9007199254740991,\"9007199254740992\",\"18446744073709551615\",9007199254740991,"
        "\"9007199254740992\",-9007199254740991,\"-9007199254740992\",\"-9223372036854775808\"]");
}

static void compact_text(void **state)
{
    (void)state;
    char text[256];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, false);
    write_sample(&writer);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    assert_string_equal(text, sample);
    assert_int_equal(length, strlen(sample));
}

static void pretty_text(void **state)
{
    (void)state;
    char text[512];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, true);
    tt_json_begin_object(&writer);
    tt_json_key(&writer, "a");
    tt_json_begin_array(&writer);
    tt_json_u64(&writer, 1);
    tt_json_u64(&writer, 2);
    tt_json_end_array(&writer);
    tt_json_key(&writer, "b");
    tt_json_begin_object(&writer);
    tt_json_end_object(&writer);
    tt_json_end_object(&writer);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    assert_string_equal(text, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

/* Buffers of every size: either the whole text or a refusal, and never a byte behind the end. */
static void every_small_buffer_is_refused(void **state)
{
    (void)state;
    for (size_t capacity = 0; capacity <= sizeof sample; capacity++) {
        char *text = malloc(capacity + 1);
        assert_non_null(text);
        text[capacity] = 'X';
        size_t length = 0;
        tt_json_writer writer;
        tt_json_writer_init(&writer, text, capacity, false);
        write_sample(&writer);
        tutti_status status = tt_json_finish(&writer, &length);
        assert_int_equal(status, capacity == sizeof sample ? TUTTI_OK : TUTTI_LIMIT);
        assert_int_equal(writer.overflow, capacity < sizeof sample);
        assert_int_equal(text[capacity], 'X');
        free(text);
    }
}

static void assert_string(const char *bytes, size_t length, const char *expected)
{
    char text[128];
    size_t written = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, false);
    tt_json_string(&writer, bytes, length);
    assert_int_equal(tt_json_finish(&writer, &written), TUTTI_OK);
    assert_string_equal(text, expected);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_string(
        "a\"\\/\b\f\n\r\t\x01\x1f\x7f\0z",
        14,
        "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z\"");
    assert_string("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
    assert_string("", 0, "\"\"");
    // What is not UTF-8 becomes one replacement character a byte.
    assert_string(
        "a\xff\xc3(\xed\xa0\x80",
        7,
        "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_string("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Every byte string of one or two bytes comes out as text that the reader takes; ASCII unchanged.
 */
static void strings_come_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        char bytes[2] = {(char)(i >> 8), (char)i};
        char text[64];
        char scratch[64];
        size_t length = 0;
        tt_json_writer writer;
        tt_json_writer_init(&writer, text, sizeof text, false);
        tt_json_string(&writer, bytes, 2);
        assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
        tt_json_reader reader;
        tt_json_token token;
        tt_json_reader_init(&reader, text, length, scratch, sizeof scratch);
        assert_int_equal(tt_json_expect(&reader, TT_JSON_STRING, &token), TUTTI_OK);
        assert_int_equal(tt_json_next(&reader, &(tt_json_token){0}), TUTTI_END);
        if (!(i & 0x8080)) {
            assert_true(tt_slice_eq(token.text, (tt_slice){bytes, 2}));
        }
    }
}

static void unfinished_text_is_refused(void **state)
{
    (void)state;
    char text[64];
    size_t length = 0;
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, false);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_STATE);
    tt_json_begin_object(&writer);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_STATE);
    tt_json_end_object(&writer);
    assert_int_equal(tt_json_finish(&writer, &length), TUTTI_OK);
    assert_string_equal(text, "{}");
}

static void nest(tt_json_writer *writer, int depth)
{
    for (int i = 0; i < depth; i++) {
        tt_json_begin_array(writer);
    }
}

static void misuse_is_a_broken_invariant(void **state)
{
    (void)state;
    char text[128];
    tt_json_writer writer;
    tt_json_writer_init(&writer, text, sizeof text, false);
    TT_EXPECT_ABORT((tt_json_key(&writer, "k"), 0));
    TT_EXPECT_ABORT((tt_json_end_array(&writer), 0));
    tt_json_begin_object(&writer);
    TT_EXPECT_ABORT((tt_json_null(&writer), 0));
    TT_EXPECT_ABORT((tt_json_end_array(&writer), 0));
    tt_json_key(&writer, "k");
    TT_EXPECT_ABORT((tt_json_key(&writer, "k"), 0));
    TT_EXPECT_ABORT((tt_json_end_object(&writer), 0));
    tt_json_null(&writer);
    tt_json_end_object(&writer);
    TT_EXPECT_ABORT((tt_json_null(&writer), 0));
    tt_json_writer_init(&writer, text, sizeof text, false);
    nest(&writer, TT_JSON_DEPTH_MAX);
    TT_EXPECT_ABORT((tt_json_begin_array(&writer), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_beyond_2_to_53_are_strings),
        cmocka_unit_test(compact_text),
        cmocka_unit_test(pretty_text),
        cmocka_unit_test(every_small_buffer_is_refused),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(strings_come_back),
        cmocka_unit_test(unfinished_text_is_refused),
        cmocka_unit_test(misuse_is_a_broken_invariant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
