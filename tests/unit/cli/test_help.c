/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a page of a command holds; tests/system/help_test.py reads those of all commands.
 */
#include "../../lib/test.h"
#include "cli/help.h"

/** The page of a usage. Release with free(). */
static char *page_of(const char *usage)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    tt_help_command(out, usage);
    fclose(out);
    return text;
}

static void test_a_page_explains_what_its_usage_names(void **state)
{
    (void)state;
    char *page = page_of("verify DIR [--json]");
    assert_string_equal(
        page,
        "tutti verify: checks a journal: hash chain, books, replay\n\n"
        "usage: tutti verify DIR [--json]\n\n"
        "  --json  prints for machines\n");
    free(page);
}

static void test_a_command_may_have_its_own_meaning_of_an_option(void **state)
{
    (void)state;
    char *other = page_of("verify DIR --quiet");
    char *own = page_of("scenario FILE --quiet");
    assert_non_null(strstr(other, "\n  --quiet  no live output\n"));
    assert_non_null(strstr(own, "\n  --quiet  no transcript\n"));
    assert_null(strstr(own, "no live output"));
    free(other);
    free(own);
}

static void test_an_option_is_not_taken_for_one_that_begins_like_it(void **state)
{
    (void)state;
    char *page = page_of("journal tail DIR [--until-closed]");
    assert_non_null(strstr(page, "--until-closed  ends when"));
    assert_null(strstr(page, "--until TIME"));
    free(page);
}

static void test_a_mistyped_command_is_known(void **state)
{
    (void)state;
    assert_string_equal(tt_help_nearest("statsu"), "status");
    assert_string_equal(tt_help_nearest("rebalanse"), "rebalance");
    assert_string_equal(tt_help_nearest("ru"), "run");
    assert_null(tt_help_nearest("frobnicate"));
    assert_null(tt_help_nearest("xyz")); // Three letters from "run", "why": no nearer than any.
    assert_null(tt_help_nearest(""));
    assert_null(tt_help_nearest("rebalancerebalancerebalancerebala"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_explains_what_its_usage_names),
        cmocka_unit_test(test_a_command_may_have_its_own_meaning_of_an_option),
        cmocka_unit_test(test_an_option_is_not_taken_for_one_that_begins_like_it),
        cmocka_unit_test(test_a_mistyped_command_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
