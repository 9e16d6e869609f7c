/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The JSON reader: a conformance table in the manner of the public test suites (y: accepted,
 * n: refused, with status and offset), tokens, truncation of everything, bounds.
 *
 * Covers: json_string.c
 */
#include "../../lib/test.h"
#include "base/json.h"

#define ROW_Y(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1, TUTTI_END, 0                                                       \
    }
#define ROW_N(text, at)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, TUTTI_PARSE, at                                                    \
    }
#define ROW_S(text, status, at)                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1, status, at                                                         \
    }

typedef struct json_case {
    const char *text;
    size_t length;
    tutti_status status; /* How reading to the end must end. */
    size_t offset;       /* Of the failure. */
} json_case;

static const json_case cases[] = {
    // Values at the top.
    ROW_Y("null"),
    ROW_Y("true"),
    ROW_Y("false"),
    ROW_Y("0"),
    ROW_Y("\"\""),
    ROW_Y("[]"),
    ROW_Y("{}"),
    ROW_Y(" \t\r\n1 \t\r\n"),
    ROW_Y("[[],{}]"),
    ROW_Y("{\"a\":{\"b\":[1,2]}}"),
    ROW_Y("[null, 1, \"1\", {}]"),
    ROW_Y("[1,null,null,null,2]"),
    ROW_Y("{\"\":0}"),
    ROW_Y("{\"a\":[],\"b\":1}"),
    ROW_Y("{\"min\": -1.0e+28, \"max\": 1.0e+28}"),
    // Numbers.
    ROW_Y("-0"),
    ROW_Y("-1"),
    ROW_Y("10"),
    ROW_Y("0.5"),
    ROW_Y("-0.0"),
    ROW_Y("1e1"),
    ROW_Y("1E+2"),
    ROW_Y("0e-1"),
    ROW_Y("0e+1"),
    ROW_Y("1.5e-9"),
    ROW_Y("123456789012345678901234567890"),
    ROW_Y("-1e999999"),
    ROW_Y("[20e1, 0E1]"),
    ROW_N("01", 1),
    ROW_N("-01", 2),
    ROW_N("-", 1),
    ROW_N("+1", 0),
    ROW_N(".5", 0),
    ROW_N("1.", 2),
    ROW_N("1.e1", 2),
    ROW_N("1e", 2),
    ROW_N("1e+", 3),
    ROW_N("1e1.5", 3),
    ROW_N("-a", 1),
    ROW_N("0x10", 1),
    ROW_N("NaN", 0),
    ROW_N("Infinity", 0),
    ROW_N("-Infinity", 1),
    ROW_N("1_0", 1),
    ROW_N("[1 000]", 3),
    ROW_N("--1", 1),
    ROW_N("[1e1e1]", 4),
    ROW_N("[-2.]", 4),
    ROW_N("1\xc2\xa0", 1),
    ROW_N("\xef\xbc\x91", 0),
    ROW_N("[1.2a]", 4),
    // Words.
    ROW_N("nul", 0),
    ROW_N("nulll", 4),
    ROW_N("True", 0),
    ROW_N("tru", 0),
    ROW_N("[nul]", 1),
    ROW_N("[fals]", 1),
    ROW_N("undefined", 0),
    // Strings.
    ROW_Y("\"a b\""),
    ROW_Y("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    ROW_Y("\"\\u0041\""),
    ROW_Y("\"\\ud83d\\ude00\""),
    ROW_Y("\"\\uD834\\uDD1e\""),
    ROW_Y("\"\xc3\xa9\""),
    ROW_Y("\"\xe2\x82\xac\""),
    ROW_Y("\"\xf0\x9f\x98\x80\""),
    ROW_Y("\"\\u0000\""),
    ROW_Y("\"\x7f\""),
    ROW_Y("\"\xf4\x8f\xbf\xbf\""),
    ROW_Y("\"\xed\x9f\xbf\""),
    ROW_Y("\"\xee\x80\x80\""),
    ROW_Y("\"\\uDBFF\\uDFFF\""),
    ROW_Y("\"\xef\xbf\xbf\""),
    ROW_Y("\"/*comment*/\""),
    ROW_N("\"", 1),
    ROW_N("\"abc", 4),
    ROW_N("\"\\", 2),
    ROW_N("\"\\\"", 3),
    ROW_N("\"\\x00\"", 2),
    ROW_N("\"\\a\"", 2),
    ROW_N("\"\\u\"", 3),
    ROW_N("\"\\u12\"", 3),
    ROW_N("\"\\u12G4\"", 3),
    ROW_N("\"\\U0041\"", 2),
    ROW_N("\"\\\0\"", 2),
    ROW_N("'a'", 0),
    ROW_N("abc", 0),
    ROW_N("\"a\nb\"", 2),
    ROW_N("\"a\tb\"", 2),
    ROW_N("\"\0\"", 1),
    ROW_N("\"\x1f\"", 1),
    ROW_N("\"\\ud800\"", 7),
    ROW_N("\"\\ud800\\n\"", 7),
    ROW_N("\"\\ud800\\ud800\"", 7),
    ROW_N("\"\\udc00\"", 7),
    ROW_N("\"\\ud800\\u0041\"", 7),
    ROW_N("\"\\ud800abcdef\"", 7),
    ROW_N("\"\\ud800\\ue000\"", 7),
    ROW_N("\"\xff\"", 1),
    ROW_N("\"\x80\"", 1),
    ROW_N("\"\xc0\x80\"", 1),
    ROW_N("\"\xc1\xbf\"", 1),
    ROW_N("\"\xe0\x9f\xbf\"", 1),
    ROW_N("\"\xed\xa0\x80\"", 1),
    ROW_N("\"\xf0\x8f\xbf\xbf\"", 1),
    ROW_N("\"\xf4\x90\x80\x80\"", 1),
    ROW_N("\"\xf5\x80\x80\x80\"", 1),
    ROW_N("\"\xe2\x82\"", 1),
    ROW_N("\"a\xc3\"", 2),
    ROW_N("\"\\\xc3\xa9\"", 2),
    ROW_N("\"\\u\xc3\xa9\xc3\xa9\"", 3),
    // Structure.
    ROW_N("", 0),
    ROW_N(" ", 1),
    ROW_N("[", 1),
    ROW_N("]", 0),
    ROW_N("{", 1),
    ROW_N("}", 0),
    ROW_N(",", 0),
    ROW_N("[1", 2),
    ROW_N("[1,", 3),
    ROW_N("[1,]", 3),
    ROW_N("[,1]", 1),
    ROW_N("[1,,2]", 3),
    ROW_N("[1 2]", 3),
    ROW_N("[1]]", 3),
    ROW_N("[1}", 2),
    ROW_N("[]1", 2),
    ROW_N("1 2", 2),
    ROW_N("{\"a\"}", 4),
    ROW_N("{\"a\":}", 5),
    ROW_N("{\"a\":1,}", 7),
    ROW_N("{\"a\":1", 6),
    ROW_N("{\"a\":1]", 6),
    ROW_N("{1:2}", 1),
    ROW_N("{a:1}", 1),
    ROW_N("{'a':1}", 1),
    ROW_N("{\"a\" 1}", 5),
    ROW_N("{\"a\",1}", 4),
    ROW_N("{\"a\"::1}", 5),
    ROW_N("{,}", 1),
    ROW_N("{\"a\":1,,\"b\":2}", 7),
    ROW_N("{\"a\":1 \"b\":2}", 7),
    ROW_N("{}{}", 2),
    ROW_N("[]\0", 2),
    ROW_N("[1]//x", 3),
    ROW_N("/*x*/1", 0),
    ROW_N("#x\n1", 0),
    ROW_N("\xef\xbb\xbf{}", 0),
    ROW_N("\xff\xfe[", 0),
    ROW_N("[\v1]", 1),
    ROW_N("[\f]", 1),
    ROW_N("[\xc2\xa0]", 1),
    ROW_N("(1)", 0),
    ROW_N("[\"a\":1]", 4),
    ROW_N("{[]:1}", 1),
    ROW_N("<null>", 0),
    ROW_N("[*]", 1),
    ROW_N("{\"x\", null}", 4),
    // Repeated keys.
    ROW_S("{\"a\":1,\"a\":2}", TUTTI_EXISTS, 7),
    ROW_S("{\"a\":1,\"\\u0061\":2}", TUTTI_EXISTS, 7),
    ROW_S("{\"a\":{\"b\":1},\"b\":2,\"a\":3}", TUTTI_EXISTS, 19),
    ROW_S("{\"\":1,\"\":2}", TUTTI_EXISTS, 6),
    ROW_S("{\"\\n\":1,\"\\u000a\":2}", TUTTI_EXISTS, 8),
    ROW_Y("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}"),
    ROW_Y("[{\"a\":1},{\"a\":1}]"),
    ROW_Y("{\"a\":1,\"A\":1,\"a \":1,\"a\\u0000\":1}"),
};

/* Reads to the end; returns the last status. */
static tutti_status read_all(tt_json_reader *reader)
{
    tt_json_token token;
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        status = tt_json_next(reader, &token);
    }
    return status;
}

/* Copies the text to memory of exactly its size, so that a sanitizer sees any read beyond it. */
static tutti_status read_copy(const char *text, size_t length, tt_json_error *ret_error)
{
    char *copy = malloc(length > 0 ? length : 1);
    char scratch[1024];
    assert_non_null(copy);
    memcpy(copy, text, length);
    tt_json_reader reader;
    tt_json_reader_init(&reader, copy, length, scratch, sizeof scratch);
    tutti_status status = read_all(&reader);
    *ret_error = reader.error;
    free(copy);
    return status;
}

static void conformance(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_json_error error;
        tutti_status status = read_copy(cases[i].text, cases[i].length, &error);
        if (status != cases[i].status || (status != TUTTI_END && error.offset != cases[i].offset)) {
            fail_msg(
                "%s: %s at %zu (%s)",
                cases[i].text,
                tutti_status_name(status),
                error.offset,
                error.what ? error.what : "");
        }
    }
}

static void every_truncation_fails_within_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool has_end = cases[i].status == TUTTI_END && strchr("{[\"", cases[i].text[0]);
        for (size_t length = 0; length < cases[i].length; length++) {
            tt_json_error error;
            tutti_status status = read_copy(cases[i].text, length, &error);
            assert_true(!has_end || status == TUTTI_PARSE);
            assert_true(error.offset <= length);
        }
    }
}

static void expect_token(tt_json_reader *reader, tt_json_kind kind, const char *text, size_t offset)
{
    tt_json_token token;
    assert_int_equal(tt_json_next(reader, &token), TUTTI_OK);
    assert_int_equal(token.kind, kind);
    assert_int_equal(token.offset, offset);
    assert_true(tt_slice_is(token.text, text));
}

static void tokens_in_order(void **state)
{
    (void)state;
    const char *text = "{\"k\\u0031\": [-1.50e3, \"a\\nb\"], \"z\": null}";
    char scratch[64];
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, text, strlen(text), scratch, sizeof scratch);
    expect_token(&reader, TT_JSON_OBJECT, "", 0);
    expect_token(&reader, TT_JSON_KEY, "k1", 1);
    expect_token(&reader, TT_JSON_ARRAY, "", 12);
    expect_token(&reader, TT_JSON_NUMBER, "-1.50e3", 13);
    expect_token(&reader, TT_JSON_STRING, "a\nb", 22);
    expect_token(&reader, TT_JSON_ARRAY_END, "", 28);
    expect_token(&reader, TT_JSON_KEY, "z", 31);
    expect_token(&reader, TT_JSON_NULL, "", 36);
    expect_token(&reader, TT_JSON_OBJECT_END, "", 40);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_END);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_END);
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    const char *text = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\\u0000x\"";
    static const char expected[] = "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0x";
    char scratch[128];
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, text, strlen(text), scratch, sizeof scratch);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_OK);
    assert_int_equal(token.text.length, sizeof expected - 1);
    assert_memory_equal(token.text.data, expected, sizeof expected - 1);
}

static void errors_name_line_and_column(void **state)
{
    (void)state;
    const char *text = "{\n  \"\xc3\xa9\": 1,\n  \"b\": \xe2\x82\xac\n}";
    tt_json_error error;
    assert_int_equal(read_copy(text, strlen(text), &error), TUTTI_PARSE);
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 8);
    assert_int_equal(error.offset, 20);
    assert_string_equal(error.what, "a value must stand here");
    text = "{\"\xc3\xa9\":1 x";
    assert_int_equal(read_copy(text, strlen(text), &error), TUTTI_PARSE);
    assert_int_equal(error.line, 1);
    assert_int_equal(error.column, 8);
    assert_string_equal(error.what, "',' or '}' must stand here");
}

static void a_failure_stays(void **state)
{
    (void)state;
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, "[x]", 3, NULL, 0);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_OK);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_PARSE);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_PARSE);
    assert_int_equal(tt_json_skip(&reader), TUTTI_PARSE);
    assert_int_equal(reader.error.offset, 1);
}

/* Text of `depth` arrays within one another. */
static tutti_status read_nested(size_t depth)
{
    char text[2 * (TT_JSON_DEPTH_MAX + 1)];
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    tt_json_error error;
    tutti_status status = read_copy(text, 2 * depth, &error);
    assert_true(status == TUTTI_END || error.offset == TT_JSON_DEPTH_MAX);
    return status;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(read_nested(TT_JSON_DEPTH_MAX), TUTTI_END);
    assert_int_equal(read_nested(TT_JSON_DEPTH_MAX + 1), TUTTI_LIMIT);
    char *deep = malloc(100000);
    assert_non_null(deep);
    memset(deep, '[', 100000);
    tt_json_error error;
    assert_int_equal(read_copy(deep, 100000, &error), TUTTI_LIMIT);
    for (size_t i = 0; i < 100000; i += 5) {
        memcpy(deep + i, "{\"\":[", 5);
    }
    assert_int_equal(read_copy(deep, 100000, &error), TUTTI_LIMIT);
    assert_int_equal(error.offset, TT_JSON_DEPTH_MAX / 2 * 5);
    free(deep);
}

static tutti_status read_with_scratch(const char *text, size_t scratch_size)
{
    char scratch[256];
    tt_json_reader reader;
    tt_json_reader_init(&reader, text, strlen(text), scratch, scratch_size);
    return read_all(&reader);
}

static void scratch_is_bounded_and_given_back(void **state)
{
    (void)state;
    assert_int_equal(read_with_scratch("[1,\"a\",{}]", 0), TUTTI_END);
    assert_int_equal(read_with_scratch("{\"a\":1}", TT_JSON_KEY_SCRATCH - 1), TUTTI_LIMIT);
    assert_int_equal(read_with_scratch("{\"a\":1}", TT_JSON_KEY_SCRATCH), TUTTI_END);
    // Objects one behind another use the room again; objects within one another add up.
    assert_int_equal(read_with_scratch("[{\"a\":1},{\"b\":1}]", TT_JSON_KEY_SCRATCH), TUTTI_END);
    assert_int_equal(read_with_scratch("{\"a\":{\"b\":1}}", TT_JSON_KEY_SCRATCH), TUTTI_LIMIT);
    assert_int_equal(read_with_scratch("{\"a\":{\"b\":1}}", 2 * TT_JSON_KEY_SCRATCH), TUTTI_END);
    assert_int_equal(read_with_scratch("\"\\n\"", 1), TUTTI_LIMIT);
    assert_int_equal(read_with_scratch("\"\\n\"", 2), TUTTI_END);
    assert_int_equal(read_with_scratch("{\"\\n\":\"\\n\"}", TT_JSON_KEY_SCRATCH + 2), TUTTI_END);
    assert_int_equal(read_with_scratch("{\"\\n\":\"\\n\"}", TT_JSON_KEY_SCRATCH + 1), TUTTI_LIMIT);
}

static void values_can_be_skipped(void **state)
{
    (void)state;
    const char *text = "{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":3,\"c\":[]}";
    char scratch[128];
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, text, strlen(text), scratch, sizeof scratch);
    assert_int_equal(tt_json_expect(&reader, TT_JSON_OBJECT, &token), TUTTI_OK);
    assert_int_equal(tt_json_expect(&reader, TT_JSON_KEY, &token), TUTTI_OK);
    assert_int_equal(tt_json_skip(&reader), TUTTI_OK); // The value of a.
    assert_int_equal(tt_json_skip(&reader), TUTTI_OK); // The member b.
    assert_int_equal(tt_json_expect(&reader, TT_JSON_KEY, &token), TUTTI_OK);
    assert_true(tt_slice_is(token.text, "c"));
    assert_int_equal(tt_json_skip(&reader), TUTTI_OK);
    assert_int_equal(tt_json_expect(&reader, TT_JSON_OBJECT_END, &token), TUTTI_OK);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_END);
    assert_int_equal(tt_json_skip(&reader), TUTTI_PARSE);
}

static void skipping_checks_what_it_skips(void **state)
{
    (void)state;
    tt_json_reader reader;
    tt_json_reader_init(&reader, "[1,]", 4, NULL, 0);
    assert_int_equal(tt_json_skip(&reader), TUTTI_PARSE);
    assert_int_equal(reader.error.offset, 3);
    tt_json_token token;
    tt_json_reader_init(&reader, "[]", 2, NULL, 0);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_OK);
    assert_int_equal(tt_json_skip(&reader), TUTTI_PARSE);
    assert_int_equal(reader.error.offset, 1);
}

static void what_is_expected_is_named(void **state)
{
    (void)state;
    tt_json_reader reader;
    tt_json_token token;
    tt_json_reader_init(&reader, " 12", 3, NULL, 0);
    assert_int_equal(tt_json_expect(&reader, TT_JSON_OBJECT, &token), TUTTI_PARSE);
    assert_string_equal(reader.error.what, "an object must stand here");
    assert_int_equal(reader.error.offset, 1);
    assert_int_equal(reader.error.column, 2);
    assert_string_equal(tt_json_kind_name(TT_JSON_NUMBER), "number");
    assert_string_equal(tt_json_kind_name((tt_json_kind)99), "?");
    tt_json_reader_init(&reader, "1", 1, NULL, 0);
    assert_int_equal(tt_json_expect(&reader, TT_JSON_NUMBER, &token), TUTTI_OK);
    assert_int_equal(tt_json_refuse(&reader, &token, TUTTI_RANGE, "too small"), TUTTI_RANGE);
    assert_int_equal(tt_json_next(&reader, &token), TUTTI_RANGE);
    assert_string_equal(reader.error.what, "too small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance),
        cmocka_unit_test(every_truncation_fails_within_the_text),
        cmocka_unit_test(tokens_in_order),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(scratch_is_bounded_and_given_back),
        cmocka_unit_test(values_can_be_skipped),
        cmocka_unit_test(skipping_checks_what_it_skips),
        cmocka_unit_test(what_is_expected_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
