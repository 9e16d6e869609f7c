/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * YAML: what is taken, what is refused by name, hostile input, bounds.
 */
#include "config/config_priv.h"
#include "config_fixture.h"

static void what_changes_meaning_is_refused(void **state)
{
    (void)state;
    assert_refused(
        "run: &a\n  seed: 1\n",
        TUTTI_PARSE,
        "configuration:1:6: anchors (&name) are not accepted",
        "leave the anchor out");
    assert_refused(
        "run: {id: &a x, name: *a}\n",
        TUTTI_PARSE,
        "configuration:1:11: anchors (&name) are not accepted",
        "leave the anchor out");
    assert_refused(
        "run:\n  name: *a\n",
        TUTTI_PARSE,
        "configuration:2:9: aliases (*name) are not accepted",
        "write the value out");
    assert_refused(
        "run:\n  seed: !!int 5\n",
        TUTTI_PARSE,
        "configuration:2:9: tags (!name) are not accepted",
        "leave the tag out");
    assert_refused(
        "run:\n  <<: {seed: 1}\n",
        TUTTI_PARSE,
        "configuration:2:3: merge keys (<<) are not accepted",
        "write the keys out");
    assert_refused(
        ONE_INSTRUMENT "---\nrun: {seed: 1}\n",
        TUTTI_PARSE,
        "configuration:5:1: a second document",
        "take the second --- and what follows out");
    assert_refused(
        "? [a]\n: 1\n",
        TUTTI_PARSE,
        "configuration:1:3: a list or mapping as a key",
        "a key is a plain name");
    assert_refused(
        "? {a: 1}\n: 1\n",
        TUTTI_PARSE,
        "configuration:1:3: a list or mapping as a key",
        "a key is a plain name");
    assert_refused(
        "run: {name: \"a\\0b\"}\n",
        TUTTI_PARSE,
        "configuration:1:13: a NUL within a text",
        "leave \\0 out");
}

static void syntax_errors_have_their_place(void **state)
{
    (void)state;
    assert_refused(
        "run:\n  seed: [1,\n",
        TUTTI_PARSE,
        "configuration:3:1: not YAML: did not find expected node content",
        "");
    assert_refused(
        "run: x: y\n",
        TUTTI_PARSE,
        "configuration:1:7: not YAML: invalid nested block mapping on the same line",
        "");
    assert_int_equal(load("run:\n\tseed: 1\n"), TUTTI_PARSE);
    assert_non_null(strstr(error.message, "configuration:2:1: not YAML: "));
    assert_int_equal(load("run: {name: \"x}\n"), TUTTI_PARSE);
    assert_non_null(strstr(error.message, "not YAML: "));
    assert_int_equal(load("run: {name: \"\\q\"}\n"), TUTTI_PARSE);
    assert_non_null(strstr(error.message, "configuration:1:14: not YAML: "));
    assert_int_equal(load("%YAML 9.9\n---\nrun:\n"), TUTTI_PARSE);
    assert_non_null(strstr(error.message, "not YAML"));
}

static void bytes_are_checked_first(void **state)
{
    (void)state;
    assert_refused(
        "run:\n  name: \xc3\xa9\xff\n", TUTTI_PARSE, "configuration:2:10: not UTF-8", "");
    assert_refused("run:\n  name: \xed\xa0\x80\n", TUTTI_PARSE, "configuration:2:9: not UTF-8", "");
    assert_refused("run: \x1b[0m\n", TUTTI_PARSE, "configuration:1:6: a control character", "");
    memset(&error, 0, sizeof error);
    assert_int_equal(tt_config_load_text("run:\0", 5, NULL, &config, &error), TUTTI_PARSE);
    assert_string_equal(error.message, "configuration:1:5: a control character");
    assert_int_equal(tt_config_load_text(NULL, 0, NULL, &config, &error), TUTTI_INVALID);
}

static void other_spellings_are_taken(void **state)
{
    (void)state;
    assert_loads("%YAML 1.2\n---\n" ONE_INSTRUMENT "...\n");
    assert_loads("{\"instruments\": [{\"symbol\": \"X\", price_increment: 1, qty_increment: 1}]}");
    assert_loads("instruments:\r\n- symbol: X # comment\r\n  price_increment: 1\r\n"
                 "  qty_increment: 1\r\n");
    assert_string_equal(config.engine.instruments.list[0].symbol, "X");
    assert_loads(ONE_INSTRUMENT "run:\n  name: >-\n    two\n    lines\n  seed: 5\n");
    assert_string_equal(config.run.name, "two lines");
    assert_loads(ONE_INSTRUMENT "run:\n  name: |-\n    one\n");
    assert_string_equal(config.run.name, "one");
}

/* Parses a text that a pattern fills; the status and that it was answered. */
static tutti_status parse_repeated(const char *pattern, size_t count)
{
    tt_yaml yaml;
    size_t length = strlen(pattern) * count;
    char *text = malloc(length + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + i * strlen(pattern), pattern, strlen(pattern));
    }
    memset(&error, 0, sizeof error);
    tutti_status status = tt_yaml_init(&yaml, "hostile", text, length, &error);
    assert_int_equal(status, error.status);
    tt_yaml_fini(&yaml);
    free(text);
    return status;
}

static void hostile_texts_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("[", 100000), TUTTI_LIMIT);
    assert_string_equal(error.message, "hostile:1:10: nested too deep");
    assert_int_equal(parse_repeated("{a: ", 50000), TUTTI_LIMIT);
    assert_int_equal(parse_repeated("- ", 100000), TUTTI_LIMIT);
    assert_int_equal(parse_repeated("- x\n", 100000), TUTTI_LIMIT);
    assert_string_equal(error.message, "hostile:16384:3: too many values");
    assert_int_equal(parse_repeated("&a ", 1000), TUTTI_PARSE);
    assert_int_equal(parse_repeated("? ", 100000), TUTTI_PARSE);
    assert_int_equal(parse_repeated("x", TT_CONFIG_SIZE_MAX), TUTTI_OK);
    assert_int_equal(parse_repeated("x", TT_CONFIG_SIZE_MAX + 1), TUTTI_LIMIT);
    assert_string_equal(error.message, "hostile: larger than 1048576 bytes");
}

/* "\\L" has two bytes and stands for three. */
static void escapes_may_become_longer(void **state)
{
    (void)state;
    enum {
        count = 500000
    };
    tt_yaml yaml;
    char *text = malloc(2 * count + 2);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 1 + 2 * i, "\\L", 2);
    }
    text[0] = '"';
    text[2 * count + 1] = '"';
    assert_int_equal(tt_yaml_init(&yaml, "f", text, 2 * count + 2, &error), TUTTI_OK);
    assert_int_equal(strlen(yaml.root->text), 3 * count);
    assert_memory_equal(yaml.root->text, "\xe2\x80\xa8\xe2", 4);
    tt_yaml_fini(&yaml);
    free(text);
}

static void keys_of_one_mapping_are_bounded(void **state)
{
    (void)state;
    char *text = malloc(32768);
    assert_non_null(text);
    size_t length = 0;
    for (int i = 0; i < TT_YAML_MEMBERS_MAX + 1; i++) {
        length += (size_t)snprintf(text + length, 32768 - length, "key_%d: 1\n", i);
    }
    tt_yaml yaml;
    assert_int_equal(tt_yaml_init(&yaml, "f", text, length, &error), TUTTI_LIMIT);
    assert_string_equal(error.message, "f:1025:1: too many keys");
    char *last = strstr(text, "key_1024");
    assert_non_null(last);
    assert_int_equal(tt_yaml_init(&yaml, "f", text, (size_t)(last - text), &error), TUTTI_OK);
    tt_yaml_fini(&yaml);
    free(text);
}

static void the_tree_holds_places_and_styles(void **state)
{
    (void)state;
    tt_yaml yaml;
    const char *text = "a:\n  - 'x'\n  - ~\nbb: {c: 5}\n";
    assert_int_equal(tt_yaml_init(&yaml, "f", text, strlen(text), &error), TUTTI_OK);
    const tt_yaml_node *a = yaml.root->first;
    const tt_yaml_node *x = a->first;
    const tt_yaml_node *c = a->next->first;
    assert_int_equal(yaml.root->kind, TT_YAML_MAP);
    assert_string_equal(a->key, "a");
    assert_int_equal(a->kind, TT_YAML_LIST);
    assert_string_equal(x->text, "x");
    assert_false(x->is_plain);
    assert_int_equal(x->line, 2);
    assert_int_equal(x->column, 5);
    assert_true(x->next->is_null && !x->is_null);
    assert_null(x->next->next);
    assert_string_equal(a->next->key, "bb");
    assert_string_equal(c->key, "c");
    assert_int_equal(c->key_column, 6);
    assert_int_equal(c->column, 9);
    assert_int_equal(c->line, 4);
    assert_true(c->is_plain);
    tt_yaml_fini(&yaml);
    tt_yaml_fini(&yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_meaning_is_refused),
        cmocka_unit_test(syntax_errors_have_their_place),
        cmocka_unit_test(bytes_are_checked_first),
        cmocka_unit_test(other_spellings_are_taken),
        cmocka_unit_test(hostile_texts_are_bounded),
        cmocka_unit_test(escapes_may_become_longer),
        cmocka_unit_test(keys_of_one_mapping_are_bounded),
        cmocka_unit_test(the_tree_holds_places_and_styles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
