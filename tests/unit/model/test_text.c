/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Text fields: cut at whole characters, valid UTF-8, zero behind the end.
 */
#include "../../lib/test.h"
#include "model/text.h"

static void expect_field(const char *text, const char *expected)
{
    char field[9];
    memset(field, 'x', sizeof field);
    tt_text_set(field, 8, text);
    assert_string_equal(field, expected);
    for (size_t i = strlen(expected); i < 8; i++) {
        assert_int_equal(field[i], 0);
    }
    assert_int_equal(field[8], 'x');
}

static void a_text_is_copied_with_zeros_behind(void **state)
{
    (void)state;
    expect_field("", "");
    expect_field("abc", "abc");
    expect_field("1234567", "1234567");
}

static void a_long_text_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    expect_field("12345678", "1234567");
    expect_field("123456\xC3\xA4", "123456");             // 2 bytes, room for 1
    expect_field("12345\xC3\xA4", "12345\xC3\xA4");       // fits exactly
    expect_field("1234\xE2\x82\xAC", "1234\xE2\x82\xAC"); // 3 bytes fit exactly
    expect_field("12345\xE2\x82\xAC", "12345");
    expect_field("1234\xF0\x9F\x98\x80", "1234");
    expect_field("123\xF0\x9F\x98\x80z", "123\xF0\x9F\x98\x80");
}

static void what_is_no_utf8_becomes_a_question_mark(void **state)
{
    (void)state;
    expect_field("a\xFFz", "a?z");
    expect_field("\x80", "?");
    expect_field("\xC0\x80", "??");           // overlong NUL
    expect_field("\xED\xA0\x80", "???");      // surrogate
    expect_field("\xF4\x90\x80\x80", "????"); // beyond U+10FFFF
    expect_field("\xE2\x82", "??");           // cut short
    expect_field("\xE2\x28\xA1", "?(?");
}

static void validity_is_that_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xC2\x80", true},
        {"\xDF\xBF", true},
        {"\xE0\xA0\x80", true},
        {"\xED\x9F\xBF", true},
        {"\xEE\x80\x80", true},
        {"\xEF\xBF\xBF", true},
        {"\xF0\x90\x80\x80", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xC1\xBF", false},
        {"\xE0\x9F\xBF", false},
        {"\xED\xBF\xBF", false},
        {"\xF0\x8F\xBF\xBF", false},
        {"\xF5\x80\x80\x80", false},
        {"\xC3", false},
        {"\xF0\x90\x80", false},
        {"a\xBF", false},
        {"\xF1\x80\x80\x41", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(tt_text_is_utf8(cases[i].text, strlen(cases[i].text)), cases[i].is_valid);
    }
    assert_true(tt_text_is_utf8("a\0b", 3));
}

static void formatted_text_follows_the_same_rules(void **state)
{
    (void)state;
    char field[8];
    tt_text_format(field, sizeof field, "%d-%s", 12, "ab");
    assert_memory_equal(field, "12-ab\0\0\0", 8);
    tt_text_format(field, sizeof field, "%s\xC3\xA4", "123456");
    assert_memory_equal(field, "123456\0\0", 8);
    char large[300];
    char source[700];
    memset(source, 'y', sizeof source);
    source[699] = 0;
    tt_text_format(large, sizeof large, "%s", source);
    assert_int_equal(strlen(large), 299);
}

/* What the fast way writes is what the C library writes. */
__attribute__((format(printf, 1, 2))) static void expect_as_library(const char *format, ...)
{
    char expected[64];
    char field[64];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    assert_in_range(length, 0, sizeof expected - 1);
    va_start(args, format);
    tt_text_vformat(field, sizeof field, format, args);
    va_end(args);
    assert_string_equal(field, expected);
}

static void formats_mean_what_the_library_means(void **state)
{
    (void)state;
    expect_as_library("nothing");
    expect_as_library("%d %i %u", INT32_MIN, INT32_MAX, UINT32_MAX);
    expect_as_library("%ld %lu", INT64_MIN, UINT64_MAX);
    expect_as_library("%lld %llu", (long long)INT64_MIN, (unsigned long long)UINT64_MAX);
    expect_as_library("%zu %zd", SIZE_MAX, (ssize_t)-1);
    expect_as_library("%s%s%c%%", "", "text", 'c');
    expect_as_library(
        "%d of %s: %5u|%-4d|%04x", 0, "word", 7U, 8, 255U); // the rest is the library's
    expect_as_library("%.*s %.2f", 2, "abc", 1.5);
    expect_as_library("%hhu %ju", 7, (uintmax_t)9);
}

static void texts_of_every_length_are_whole(void **state)
{
    (void)state;
    char text[72];
    for (size_t length = 0; length < sizeof text; length++) {
        for (size_t odd = 0; odd <= length; odd++) {
            memset(text, 'a', sizeof text);
            text[length] = '\0';
            if (odd < length) {
                text[odd] = (char)0xFF;
            }
            assert_int_equal(tt_text_is_utf8(text, length), odd == length);
            char field[64];
            tt_text_set(field, sizeof field, text);
            size_t kept = length < 63 ? length : 63;
            assert_int_equal(strlen(field), kept);
            for (size_t i = 0; i < kept; i++) {
                assert_int_equal(field[i], i == odd ? '?' : 'a');
            }
            assert_int_equal(field[63], 0);
        }
    }
}

/** Fields of all sizes, and texts that end at the last byte that may be read. */
static void fields_of_every_size_are_filled(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&()*+,-./:;<=>?@";
    for (size_t size = 1; size <= 160; size++) {
        for (size_t length = 0; length < sizeof letters; length++) {
            char *text = malloc(length + 1);
            assert_non_null(text);
            memcpy(text, letters, length);
            text[length] = '\0';
            char field[162];
            memset(field, 'x', sizeof field);
            tt_text_set(field + 1, size, text);
            free(text);
            size_t kept = length < size ? length : size - 1;
            assert_memory_equal(field + 1, letters, kept);
            for (size_t i = kept; i < size; i++) {
                assert_int_equal(field[1 + i], 0);
            }
            assert_true(field[0] == 'x' && field[1 + size] == 'x');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_copied_with_zeros_behind),
        cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
        cmocka_unit_test(what_is_no_utf8_becomes_a_question_mark),
        cmocka_unit_test(validity_is_that_of_the_standard),
        cmocka_unit_test(formatted_text_follows_the_same_rules),
        cmocka_unit_test(formats_mean_what_the_library_means),
        cmocka_unit_test(texts_of_every_length_are_whole),
        cmocka_unit_test(fields_of_every_size_are_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
