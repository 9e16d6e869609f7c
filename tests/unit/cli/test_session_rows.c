/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of an answer as people read them.
 */
#include "../../lib/test.h"
#include "cli/session_rows.h"

static void expect(const char *number, const char *unit, const char *wanted)
{
    char text[64];
    snprintf(text, sizeof text, "%s", number);
    tt_session_measure(text, sizeof text, unit);
    assert_string_equal(text, wanted);
}

static void test_times(void **state)
{
    (void)state;
    expect("0", "ns", "0");
    expect("999", "ns", "999 ns");
    expect("1000", "ns", "1 us");
    expect("1734143", "ns", "1.73 ms");
    expect("52787160", "ns", "52.8 ms");
    expect("527871600", "ns", "528 ms");
    expect("1000000000", "ns", "1 s");
    expect("59900000000", "ns", "59.9 s");
    expect("180000000000", "ns", "3 min");
    expect("5400000000000", "ns", "1.50 h");
    expect("172800000000000", "ns", "2 d");
}

static void test_bytes(void **state)
{
    (void)state;
    expect("1023", "bytes", "1023 B");
    expect("51040256", "bytes", "48.7 MiB");
    expect("2147483648", "bytes", "2 GiB");
}

static void test_other_cells_stay(void **state)
{
    (void)state;
    expect("10", "count", "10");
    expect("BTC/USDT", "ns", "BTC/USDT");
    expect("", "ns", "");
    expect("12 apples", "bytes", "12 apples");
}

/* What tt_session_table prints of one object. */
static void a_table_is_readable(void **state)
{
    (void)state;
    static const char json[] =
        "{\"items\": [{\"entry\": \"52092.854166666666666667\", \"fee\": \"0.35683705\","
        " \"at\": \"2024-01-01T02:30:12.250Z\", \"lag\": 1734143, \"unit\": \"ns\", \"x\": [1]}]}";
    static const tt_session_column columns[] = {
        {"entry", "entry"}, {"fee", "fee"}, {"at", "time"}, {"lag", "lag"}, {NULL, NULL}};
    char text[256] = "";
    FILE *kept = stdout;
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    stdout = out;
    int count = tt_session_table(json, sizeof json - 1, "items", columns);
    stdout = kept;
    fclose(out);
    assert_int_equal(count, 1);
    assert_string_equal(
        text,
        "entry           fee         time                 lag\n"
        "52092.85416667  0.35683705  2024-01-01 02:30:12  1.73 ms\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_other_cells_stay),
        cmocka_unit_test(a_table_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
