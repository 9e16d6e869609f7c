/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The canonical text: round trips of every key, full lists, origins, the reference.
 *
 * Covers: config_reference.c
 */
#include "config/config_priv.h"
#include "config_fixture.h"

static tt_config back;

/* Renders, parses, compares values and text. False when the values do not fit each other. */
static bool comes_back(void)
{
    char *text = NULL;
    char *again = NULL;
    assert_int_equal(tt_config_render(&config, &text, &error), TUTTI_OK);
    tutti_status status = tt_config_parse_text(text, strlen(text), &back, &error);
    if (status == TUTTI_OK) {
        assert_memory_equal(&config, &back, offsetof(tt_config, origins));
        assert_int_equal(tt_config_render(&back, &again, &error), TUTTI_OK);
        assert_string_equal(text, again);
        free(again);
    } else if (status != TUTTI_INVALID && status != TUTTI_EXISTS) {
        fail_msg("%s", error.message);
    }
    free(text);
    return status == TUTTI_OK;
}

static void the_defaults_come_back(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT);
    assert_true(comes_back());
}

/* Sets one key of the defaults to `text` and tries the round trip; derived copies follow. */
static uint32_t
try_key(const tt_config_section *section, const tt_config_key *key, const char *text)
{
    char set[700];
    const char *const sets[] = {set};
    const tt_config_overrides overrides = {.sets = sets, .set_count = 1};
    (void)snprintf(set, sizeof set, "%s.%s=%s", section->path, key->name, text);
    // An agent may be the provider `a`, and has a prompt for it. Sentiment has both of its parts or
    // none.
    bool is_part = strcmp(section->path, "llm.sentiment") == 0;
    char file[700];
    (void)snprintf(
        file,
        sizeof file,
        "instruments: [{symbol: X, price_increment: 1, qty_increment: 1}]\n"
        "llm:\n"
        "  providers: [{name: a, url: https://x.org, model: m, input_price: 0, output_price: 0}]\n"
        "  prompts: {technical_analysis: p, regime_detection: p, sentiment_analysis: p,\n"
        "    trading_decision: p, portfolio_rebalance: p, arbiter: p, sentiment_social: p,\n"
        "    sentiment_news: p}\n%s",
        is_part ? "  sentiment: {social: a, news: a}\n" : "");
    if (tt_config_load_text(file, strlen(file), &overrides, &config, &error) != TUTTI_OK) {
        assert_true(error.status == TUTTI_INVALID || error.status == TUTTI_RANGE);
        return 0;
    }
    return comes_back() ? 1 : 0;
}

static uint32_t try_values(const tt_config_section *section, const tt_config_key *key)
{
    if (key->kind == TT_CONFIG_KIND_text) {
        return try_key(section, key, "a: 'b' \"c\" \\d # é{}[]") + try_key(section, key, "null") +
               try_key(section, key, " x ") + try_key(section, key, "a") +
               try_key(section, key, "none");
    }
    if (key->kind == TT_CONFIG_KIND_flag) {
        return try_key(section, key, "true") + try_key(section, key, "false");
    }
    if (key->kind == TT_CONFIG_KIND_enum) {
        return try_key(section, key, key->values->texts[0]) +
               try_key(section, key, key->values->texts[key->values->count - 1]);
    }
    uint32_t count = try_key(section, key, key->initial);
    count += key->min[0] ? try_key(section, key, key->min) : 0;
    count += key->max[0] ? try_key(section, key, key->max) : 0;
    return count;
}

static void every_key_comes_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        for (uint32_t k = 0; k < section->key_count && section->item_size == 0; k++) {
            uint32_t count = try_values(section, &section->keys[k]);
            if (count == 0) {
                fail_msg("no value of %s.%s came back", section->path, section->keys[k].name);
            }
        }
    }
}

static void full_lists_come_back(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT);
    tt_instruments *instruments = &config.engine.instruments;
    for (uint32_t i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        instruments->list[i] = instruments->list[0];
        instruments->list[i].id.n = i + 1;
        instruments->list[i].maker_fee_rate.d = TT_DEC_C(-99999999999999999, 18);
        (void)snprintf(
            instruments->list[i].symbol,
            sizeof instruments->list[i].symbol,
            "%c%c\"\\\"\\\"\\\"\\\"\\\"\\/USDT",
            (char)('A' + i / 26),
            (char)('A' + i % 26));
    }
    instruments->count = TT_INSTRUMENTS_MAX;
    tt_risk_module_config *risk = &config.engine.risk;
    uint32_t count = 0;
    for (uint32_t a = 0; a < TT_INSTRUMENTS_MAX && count < TT_RISK_CORRELATION_PAIRS_MAX; a++) {
        for (uint32_t b = a + 1; b < TT_INSTRUMENTS_MAX && count < TT_RISK_CORRELATION_PAIRS_MAX;
             b++) {
            tt_correlation_pair_config *pair = &risk->correlation_pairs[count++];
            memcpy(pair->first, instruments->list[a].symbol, sizeof pair->first);
            memcpy(pair->second, instruments->list[b].symbol, sizeof pair->second);
            pair->correlation.d = TT_DEC_C(123456789012345678, 18);
        }
    }
    risk->correlation_pair_count = count;
    assert_int_equal(count, TT_RISK_CORRELATION_PAIRS_MAX);
    assert_true(comes_back());
}

static void the_text_does_not_depend_on_origins(void **state)
{
    (void)state;
    char *one = NULL;
    char *other = NULL;
    assert_loads(ONE_INSTRUMENT "clock:\n  speed: 5.0\n");
    assert_int_equal(tt_config_render(&config, &one, &error), TUTTI_OK);
    const char *set = "clock.speed=5";
    const tt_config_overrides overrides = {.sets = &set, .set_count = 1};
    const char *text = "# other order and comments\n" ONE_INSTRUMENT;
    assert_int_equal(
        tt_config_load_text(text, strlen(text), &overrides, &config, &error), TUTTI_OK);
    assert_int_equal(tt_config_render(&config, &other, &error), TUTTI_OK);
    assert_string_equal(one, other);
    free(one);
    free(other);
}

static void origins_are_shown(void **state)
{
    (void)state;
    char *text = NULL;
    const char *set = "clock.speed=5";
    const char *const environment[] = {"TUTTI__RUN__NAME=n", NULL};
    const tt_config_overrides overrides = {
        .environment = environment, .sets = &set, .set_count = 1, .data_path = "d.csv"};
    const char *file = ONE_INSTRUMENT "run:\n  seed: 8\n";
    assert_int_equal(
        tt_config_load_text(file, strlen(file), &overrides, &config, &error), TUTTI_OK);
    assert_int_equal(tt_config_render_origins(&config, &text, &error), TUTTI_OK);
    static const char expected[] = "run:\n"
                                   "  id: \"run\" # default\n"
                                   "  name: \"n\" # environment\n"
                                   "  seed: 8 # file, line 6\n"
                                   "clock:\n"
                                   "  speed: 5 # --set\n"
                                   "feed:\n"
                                   "  kind: synthetic # default\n"
                                   "  path: \"d.csv\" # --data\n";
    assert_memory_equal(text, expected, sizeof expected - 1);
    assert_int_equal(tt_config_parse_text(text, strlen(text), &back, &error), TUTTI_OK);
    assert_memory_equal(&config, &back, offsetof(tt_config, origins));
    free(text);
}

static void nested_sections_open_once(void **state)
{
    (void)state;
    char *text = NULL;
    assert_loads(ONE_INSTRUMENT);
    assert_int_equal(tt_config_render(&config, &text, &error), TUTTI_OK);
    const char *schedules = strstr(text, "\n  schedules:\n    ta_analysis:\n      enabled: true\n");
    assert_non_null(schedules);
    assert_null(strstr(schedules + 5, "  schedules:"));
    assert_non_null(strstr(text, "\n  correlation_pairs:\n    []\n"));
    assert_non_null(
        strstr(text, "\ninstruments:\n  - symbol: \"BTC/USDT\"\n    price_increment: 0.5\n"));
    free(text);
}

static void recorded_texts_are_checked_like_files(void **state)
{
    (void)state;
    const char *text = ONE_INSTRUMENT "run: {sed: 1}\n";
    assert_int_equal(tt_config_parse_text(text, strlen(text), &config, &error), TUTTI_NOT_FOUND);
    assert_string_equal(error.message, "recorded configuration:5:7: run: there is no key `sed`");
}

static void the_reference_has_every_key(void **state)
{
    (void)state;
    char *text = NULL;
    assert_int_equal(tt_config_reference(&text, &error), TUTTI_OK);
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        char heading[128];
        (void)snprintf(heading, sizeof heading, "\n## `%s`\n", section->path);
        const char *at = strstr(text, heading);
        assert_non_null(at);
        for (uint32_t k = 0; k < section->key_count; k++) {
            char row[128];
            (void)snprintf(row, sizeof row, "\n| `%s` | ", section->keys[k].name);
            at = strstr(at, row);
            assert_non_null(at);
        }
    }
    assert_non_null(
        strstr(text, "| `symbol` | required | text of at most 23 bytes | Name, such as"));
    assert_non_null(strstr(text, "| `speed` | `60` | a number from 0.001 to 1000000 | Seconds of"));
    free(text);
}

static void the_page_in_the_docs_is_current(void **state)
{
    (void)state;
    char *text = NULL;
    assert_int_equal(tt_config_reference(&text, &error), TUTTI_OK);
    size_t length = strlen(text);
    char *page = malloc(length + 1);
    FILE *file = fopen(TT_TEST_SOURCE_DIR "/docs/config.md", "rb");
    assert_non_null(file);
    assert_non_null(page);
    size_t read = fread(page, 1, length + 1, file);
    (void)fclose(file);
    if (read != length || memcmp(page, text, length) != 0) {
        fail_msg("out of date; run: tutti config reference > docs/config.md");
    }
    free(page);
    free(text);
}

static void the_examples_load(void **state)
{
    (void)state;
    static const char *const names[] = {"btc_month.yaml", "paper.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, TT_TEST_SOURCE_DIR "/examples/%s", names[i]);
        if (tt_config_load(path, NULL, &config, &error) != TUTTI_OK) {
            fail_msg("%s (%s)", error.message, error.hint);
        }
        assert_true(comes_back());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_come_back),
        cmocka_unit_test(every_key_comes_back),
        cmocka_unit_test(full_lists_come_back),
        cmocka_unit_test(the_text_does_not_depend_on_origins),
        cmocka_unit_test(origins_are_shown),
        cmocka_unit_test(nested_sections_open_once),
        cmocka_unit_test(recorded_texts_are_checked_like_files),
        cmocka_unit_test(the_reference_has_every_key),
        cmocka_unit_test(the_page_in_the_docs_is_current),
        cmocka_unit_test(the_examples_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
