/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Templates: what is replaced, and where a fault is said to be.
 */
#include "../../lib/test.h"
#include "llm/llm_prompt.h"

static char path[64];

static tutti_status load(const char *text, size_t max, tt_llm_template *template, tt_error *error)
{
    (void)snprintf(path, sizeof path, "/tmp/tutti-prompt-%d", (int)getpid());
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    tutti_status status = tt_llm_template_load(path, max, template, error);
    (void)unlink(path);
    return status;
}

static void a_template_is_filled_in(void **state)
{
    (void)state;
    static tt_instruments instruments = {.count = 1};
    static tt_agent_request request = {.key = 1, .now = {1704067200 * TT_NS_PER_S}};
    TT_TEXT_SET(instruments.list[0].symbol, "BTC/USDT");
    instruments.list[0].id.n = 1;
    instruments.list[0].price_increment.d = TT_DEC_C(5, 1);
    instruments.count = 1;
    request.instrument_count = 1;
    request.exposures[0].d = TT_DEC_C(-25, 1);
    tt_llm_template template;
    tt_llm_prompt prompt;
    tt_error error = {0};
    char memory[512];
    assert_int_equal(
        load(
            "Be {good}.\n---\n{{symbol}} {{tick}} {{now}} {{ta}} {{positions}} }} { {",
            1000,
            &template,
            &error),
        TUTTI_OK);
    assert_int_equal(
        tt_llm_template_render(&template, &instruments, &request, memory, sizeof memory, &prompt),
        TUTTI_OK);
    assert_true(tt_slice_is(prompt.system, "Be {good}.\n"));
    assert_true(tt_slice_is(
        prompt.user, "\"BTC/USDT\" 0.5 \"2024-01-01T00:00:00Z\" null {\"BTC/USDT\":-2.5} }} { {"));
    size_t size = prompt.system.length + prompt.user.length;
    assert_int_equal(
        tt_llm_template_render(&template, &instruments, &request, memory, size, &prompt),
        TUTTI_LIMIT);
    assert_int_equal(
        tt_llm_template_render(&template, &instruments, &request, memory, size + 1, &prompt),
        TUTTI_OK);
    request.has_ta = true;
    TT_TEXT_SET(request.ta.reasoning, "say \"hi\"");
    assert_int_equal(
        tt_llm_template_render(&template, &instruments, &request, memory, 150, &prompt),
        TUTTI_LIMIT);
    request.has_ta = false;
    request.key = 0;
    assert_int_equal(
        tt_llm_template_render(&template, &instruments, &request, memory, sizeof memory, &prompt),
        TUTTI_OK);
    assert_memory_equal(prompt.user.data, "\"portfolio\" null", 16);
    tt_llm_template_free(&template);
}

static void faults_have_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *place;
        const char *what;
    } rows[] = {
        {"a\n  {{symbol}} {{price}}\n---\n", ":2:14:", "there is no placeholder price"},
        {"\xc3\xa4{{ symbol }}\n---\n", ":1:2:", "there is no placeholder  symbol "},
        {"---\n{{}}", ":2:1:", "there is no placeholder"},
        {"---\nx{{symbol\n}}", ":2:2:", "is not closed"},
        {"---\n{{symbol}", ":2:1:", "is not closed"},
        {"---\n{{", ":2:1:", "is not closed"},
        {"system only", ":", "no line ---"},
        {" ---\n--- \n----", ":", "no line ---"},
        {"", ":", "no line ---"},
        {"\xff\n---\n", ":", "not UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_llm_template template;
        tt_error error = {0};
        assert_int_equal(load(rows[i].text, 1000, &template, &error), TUTTI_PARSE);
        char start[96];
        (void)snprintf(start, sizeof start, "%s%s", path, rows[i].place);
        assert_memory_equal(error.message, start, strlen(start));
        assert_non_null(strstr(error.message, rows[i].what));
    }
}

static void files_are_bounded(void **state)
{
    (void)state;
    tt_llm_template template;
    tt_error error = {0};
    assert_int_equal(load("---\nabcd", 8, &template, &error), TUTTI_OK);
    tt_llm_template_free(&template);
    assert_int_equal(load("---\nabcde", 8, &template, &error), TUTTI_LIMIT);
    assert_int_equal(
        tt_llm_template_load("/tmp/tutti-no-such-prompt", 8, &template, &error), TUTTI_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_is_filled_in),
        cmocka_unit_test(faults_have_a_place),
        cmocka_unit_test(files_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
