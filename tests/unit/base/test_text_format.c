/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The fast way to format: what it knows, what it leaves to the library, and where it is cut. That
 * it writes what the library writes is tested where both meet (unit/model/test_text.c).
 */
#include "../../lib/test.h"
#include "base/text.h"

/** Formats into 8 bytes; the length that it would have, or -1 for what is left to the library. */
__attribute__((format(printf, 2, 3))) static int format_8(char *text, const char *format, ...)
{
    size_t length = 0;
    va_list args;
    va_start(args, format);
    bool is_known = tt_text_format_plain(text, 8, format, args, &length);
    va_end(args);
    return is_known ? (int)length : -1;
}

static void what_does_not_fit_is_cut_and_counted(void **state)
{
    (void)state;
    char text[9] = "????????";
    assert_int_equal(format_8(text, "%s", "1234567"), 7);
    assert_string_equal(text, "1234567");
    assert_int_equal(format_8(text, "%s-%d", "123456", 789), 10);
    assert_string_equal(text, "123456-");
    assert_int_equal(format_8(text, "12345678%d", -12), 11);
    assert_string_equal(text, "1234567");
    memset(text, '?', sizeof text); // as long as the room: its end takes the place of the last byte
    assert_int_equal(format_8(text, "%s", "12345678"), 8);
    assert_string_equal(text, "1234567");
    assert_int_equal(text[8], '?');
    assert_int_equal(format_8(text, "%s", "123456789"), 9);
    assert_int_equal(text[8], '?');
}

static void the_rest_is_left_to_the_library(void **state)
{
    (void)state;
    char text[9];
    const char *volatile none = NULL; // The compiler would warn otherwise.
    assert_int_equal(format_8(text, "%5d", 1), -1);
    assert_int_equal(format_8(text, "%-5s", "a"), -1);
    assert_int_equal(format_8(text, "%.2f", 1.0), -1);
    assert_int_equal(format_8(text, "%x", 1U), -1);
    assert_int_equal(format_8(text, "%hhd", 1), -1);
    assert_int_equal(format_8(text, "%s", none), -1);
}

static void a_run_ends_at_the_first_byte_that_is_not_ascii(void **state)
{
    (void)state;
    const char text[] = "0123456789abcdef\x80xyz, and more than one word of what is ASCII";
    for (size_t length = 0; length < sizeof text; length++) {
        for (size_t from = 0; from <= length; from++) {
            size_t expected = length < 16 ? length - from : from <= 16 ? 16 - from : length - from;
            assert_int_equal(tt_ascii_run(text + from, length - from), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_cut_and_counted),
        cmocka_unit_test(the_rest_is_left_to_the_library),
        cmocka_unit_test(a_run_ends_at_the_first_byte_that_is_not_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
