/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Patterns of topic names: by example, at their bounds, and against a simple recursive model.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/pattern.h"

static bool matches(const char *text, const char *name)
{
    tt_pattern pattern;
    assert_int_equal(tt_pattern_compile(text, &pattern), TUTTI_OK);
    return tt_pattern_matches(&pattern, name, strlen(name));
}

static void a_plain_pattern_is_one_name(void **state)
{
    (void)state;
    assert_true(matches("fills", "fills"));
    assert_false(matches("fills", "fill"));
    assert_false(matches("fills", "fillss"));
    assert_false(matches("fills", ""));
    assert_false(matches("a.b", "a-b")); // a dot is a dot
}

static void a_star_is_any_run(void **state)
{
    (void)state;
    assert_true(matches("*", ""));
    assert_true(matches("*", "market_data.bar"));
    assert_true(matches("market_data.*", "market_data.bar"));
    assert_true(matches("market_data.*", "market_data."));
    assert_true(matches("market*", "market"));
    assert_true(matches("*.bar", "market_data.bar"));
    assert_true(matches("*.bar", "a.bar.bar"));
    assert_false(matches("*.bar", "market_data.bars"));
    assert_true(matches("m*.b*r", "market_data.bar"));
    assert_true(matches("a**b", "ab"));
    assert_true(matches("a*a", "aa"));
    assert_false(matches("a*a", "a"));
}

static void a_question_mark_is_exactly_one(void **state)
{
    (void)state;
    assert_true(matches("bar?", "bars"));
    assert_false(matches("bar?", "bar"));
    assert_false(matches("bar?", "barss"));
    assert_true(matches("???", "a.b"));
    assert_true(matches("?*", "a"));
    assert_false(matches("?*", ""));
    assert_true(matches("*?", "abc"));
    assert_true(matches("*?*?*", "ab"));
    assert_false(matches("*?*?*", "a"));
}

static void wrong_patterns_are_refused(void **state)
{
    (void)state;
    tt_pattern pattern;
    char longest[TT_PATTERN_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[TT_PATTERN_MAX + 1] = '\0';
    assert_int_equal(tt_pattern_compile(NULL, &pattern), TUTTI_INVALID);
    assert_int_equal(tt_pattern_compile("", &pattern), TUTTI_INVALID);
    assert_int_equal(tt_pattern_compile("a b", &pattern), TUTTI_INVALID);
    assert_int_equal(tt_pattern_compile("[a]", &pattern), TUTTI_INVALID);
    assert_int_equal(tt_pattern_compile("\xc3\xa4", &pattern), TUTTI_INVALID);
    assert_int_equal(tt_pattern_compile(longest, &pattern), TUTTI_INVALID);
    longest[TT_PATTERN_MAX] = '\0';
    assert_int_equal(tt_pattern_compile(longest, &pattern), TUTTI_OK);
    assert_true(tt_pattern_matches(&pattern, longest, TT_PATTERN_MAX));
    assert_false(tt_pattern_matches(&pattern, longest, TT_PATTERN_MAX - 1));
    memset(longest, '?', TT_PATTERN_MAX);
    assert_int_equal(tt_pattern_compile(longest, &pattern), TUTTI_OK);
    memset(longest, 'b', TT_PATTERN_MAX);
    assert_true(tt_pattern_matches(&pattern, longest, TT_PATTERN_MAX));
}

/** The definition, as it stands in books; takes exponential time. */
static bool model(const char *pattern, const char *name)
{
    if (*pattern == '*') {
        return model(pattern + 1, name) || (*name != '\0' && model(pattern, name + 1));
    }
    if (*name == '\0') {
        return *pattern == '\0';
    }
    return (*pattern == '?' || *pattern == *name) && model(pattern + 1, name + 1);
}

static void fill(tt_random *random, const char *letters, size_t max, char *text)
{
    size_t length = tt_random_below(random, max + 1);
    for (size_t i = 0; i < length; i++) {
        text[i] = letters[tt_random_below(random, strlen(letters))];
    }
    text[length] = '\0';
}

static void random_patterns_match_the_model(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 11, 0);
    uint32_t yes = 0;
    for (int i = 0; i < 200000; i++) {
        char pattern[12];
        char name[12];
        fill(&random, "ab*?*", 9, pattern);
        fill(&random, "aab.", 9, name);
        if (pattern[0] == '\0') {
            continue;
        }
        bool expected = model(pattern, name);
        if (matches(pattern, name) != expected) {
            fail_msg("%s and %s", pattern, name);
        }
        yes += expected;
    }
    assert_in_range(yes, 10000, 190000);
}

/** A pattern that makes the model take longer than the universe has left. */
static void no_pattern_takes_long(void **state)
{
    (void)state;
    char pattern[TT_PATTERN_MAX + 1];
    char name[TT_PATTERN_MAX + 1];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i + 1 < sizeof pattern; i++) {
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    }
    pattern[sizeof pattern - 2] = 'b';
    pattern[sizeof pattern - 1] = '\0';
    for (int i = 0; i < 1000; i++) {
        assert_false(matches(pattern, name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_pattern_is_one_name),
        cmocka_unit_test(a_star_is_any_run),
        cmocka_unit_test(a_question_mark_is_exactly_one),
        cmocka_unit_test(wrong_patterns_are_refused),
        cmocka_unit_test(random_patterns_match_the_model),
        cmocka_unit_test(no_pattern_takes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
