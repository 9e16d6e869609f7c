/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Tokens: made, found, kept in a file that nobody else may read.
 *
 * Covers: api_secret.c
 */
#include "../../lib/test.h"
#include "../host/fixture.h"
#include "api/api_secret.h"
#include "api/api_tokens.h"

#include <sys/stat.h>

static tt_tokens tokens;
static tt_tokens again;
static tt_error error;

static int reset(void **state)
{
    (void)state;
    memset(&tokens, 0, sizeof tokens);
    error = (tt_error){0};
    return 0;
}

static void a_secret_is_found_and_nothing_like_it(void **state)
{
    (void)state;
    char anna[TT_TOKEN_SECRET_MAX];
    char bert[TT_TOKEN_SECRET_MAX];
    fx_ok(tt_tokens_add(&tokens, "anna", TT_role_ADMIN, anna, &error), &error);
    fx_ok(tt_tokens_add(&tokens, "bert", TT_role_VIEWER, bert, &error), &error);
    assert_int_equal(strlen(anna), 6 + 8 + 1 + 64);
    assert_string_equal(tt_tokens_find(&tokens, anna)->name, "anna");
    assert_int_equal(tt_tokens_find(&tokens, bert)->role, TT_role_VIEWER);
    // Any digit changed, the id of another, cut, longer, in capitals.
    for (size_t i = 0; i < strlen(anna); i++) {
        char wrong[TT_TOKEN_SECRET_MAX];
        memcpy(wrong, anna, sizeof wrong);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_null(tt_tokens_find(&tokens, wrong));
        wrong[i] = 0;
        assert_null(tt_tokens_find(&tokens, wrong));
    }
    // Each byte of the hash, and of the salt, counts.
    for (size_t i = 0; i < 32; i++) {
        tokens.list[0].hash[i] ^= 1;
        assert_null(tt_tokens_find(&tokens, anna));
        tokens.list[0].hash[i] ^= 1;
        tokens.list[0].salt[i / 2] ^= 1;
        assert_null(tt_tokens_find(&tokens, anna));
        tokens.list[0].salt[i / 2] ^= 1;
    }
    assert_non_null(tt_tokens_find(&tokens, anna));
    char mixed[TT_TOKEN_SECRET_MAX];
    memcpy(mixed, anna, sizeof mixed);
    memcpy(mixed + 6, bert + 6, 8);
    assert_null(tt_tokens_find(&tokens, mixed));
    char longer[2 * TT_TOKEN_SECRET_MAX];
    snprintf(longer, sizeof longer, "%s0", anna);
    assert_null(tt_tokens_find(&tokens, longer));
    assert_null(tt_tokens_find(&tokens, ""));
    // The empty secret of nobody, under any id.
    assert_null(tt_tokens_find(&tokens, "tutti_00000000_"));
    assert_null(tt_tokens_find(&again, anna));
}

static void names_are_checked_and_unique(void **state)
{
    (void)state;
    char secret[TT_TOKEN_SECRET_MAX];
    static const char *const bad[] = {
        "", "a b", "a\n", "\xc3\xa4", "a/b", "abcdefghijklmnopqrstuvwxyzabcdef"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(
            tt_tokens_add(&tokens, bad[i], TT_role_ADMIN, secret, &error), TUTTI_INVALID);
    }
    fx_ok(
        tt_tokens_add(&tokens, "abcdefghijklmnopqrstuvwxyz.-_01", TT_role_ADMIN, secret, &error),
        &error);
    assert_int_equal(
        tt_tokens_add(&tokens, "abcdefghijklmnopqrstuvwxyz.-_01", TT_role_VIEWER, secret, &error),
        TUTTI_EXISTS);
}

static void there_is_room_for_64(void **state)
{
    (void)state;
    char secret[TT_TOKEN_SECRET_MAX];
    char name[16];
    for (unsigned i = 0; i < TT_TOKENS_MAX; i++) {
        snprintf(name, sizeof name, "t%u", i);
        fx_ok(tt_tokens_add(&tokens, name, TT_role_VIEWER, secret, &error), &error);
    }
    assert_int_equal(tt_tokens_add(&tokens, "more", TT_role_VIEWER, secret, &error), TUTTI_LIMIT);
    const char *folder = fx_folder();
    fx_ok(tt_tokens_save(fx_path(folder, "t"), &tokens, &error), &error);
    fx_ok(tt_tokens_load(fx_path(folder, "t"), &again, &error), &error);
    assert_memory_equal(&tokens, &again, sizeof tokens);
    fx_remove(folder);
}

static void a_removed_token_is_gone(void **state)
{
    (void)state;
    char a[TT_TOKEN_SECRET_MAX];
    char b[TT_TOKEN_SECRET_MAX];
    fx_ok(tt_tokens_add(&tokens, "a", TT_role_TRADER, a, &error), &error);
    fx_ok(tt_tokens_add(&tokens, "b", TT_role_TRADER, b, &error), &error);
    assert_true(tt_tokens_remove(&tokens, "a"));
    assert_false(tt_tokens_remove(&tokens, "a"));
    assert_null(tt_tokens_find(&tokens, a));
    assert_string_equal(tt_tokens_find(&tokens, b)->name, "b");
}

static void the_file_is_for_its_owner_alone(void **state)
{
    (void)state;
    char secret[TT_TOKEN_SECRET_MAX];
    char text[4096] = {0};
    char path[256];
    const char *folder = fx_folder();
    struct stat facts;
    snprintf(path, sizeof path, "%s/api.tokens", folder);
    fx_ok(tt_tokens_add(&tokens, "a", TT_role_TRADER, secret, &error), &error);
    fx_ok(tt_tokens_save(path, &tokens, &error), &error);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    // No part of the secret but the id stands in it.
    FILE *file = fopen(path, "r");
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_null(strstr(text, secret + 15));
    static const mode_t open_to_others[] = {0640, 0604, 0620, 0602, 0610, 0644};
    for (size_t i = 0; i < sizeof open_to_others / sizeof open_to_others[0]; i++) {
        assert_int_equal(chmod(path, open_to_others[i]), 0);
        assert_int_equal(tt_tokens_load(path, &again, &error), TUTTI_PERMISSION);
        assert_non_null(strstr(error.hint, "chmod 600"));
        assert_int_equal(again.count, 0);
    }
    assert_int_equal(chmod(path, 0400), 0);
    fx_ok(tt_tokens_load(path, &again, &error), &error);
    assert_int_equal(tt_tokens_load(folder, &again, &error), TUTTI_INVALID);
    fx_remove(folder);
    assert_int_equal(tt_tokens_load(path, &again, &error), TUTTI_NOT_FOUND);
}

static void lines_that_are_no_tokens_are_named(void **state)
{
    (void)state;
    static const char id[] = "00000001";
    static const char salt[] = "000102030405060708090a0b0c0d0e0f";
    static const char hash[] = "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f";
    static const char *const formats[] = {
        "a admin %s %s\n",
        "a root %s %s %s\n",
        "a/b admin %s %s %s\n",
        "a admin 1%s %s %s\n",
        "a admin %s 0%s %s\n",
        "a admin %s %s %sA\n",
        "a admin %s %s %s more\n",
        " a  admin %s %s %s\n",
        "a none %s %s %s\n",
    };
    const char *folder = fx_folder();
    char path[256];
    char text[512];
    snprintf(path, sizeof path, "%s/t", folder);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        int start = snprintf(text, sizeof text, "# comment\n\n");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text + start, sizeof text - (size_t)start, formats[i], id, salt, hash);
#pragma GCC diagnostic pop
        fx_ok(tt_secret_write(path, text, strlen(text), &error), &error);
        assert_int_equal(tt_tokens_load(path, &again, &error), TUTTI_PARSE);
        assert_non_null(strstr(error.message, "t:3:"));
        assert_null(strstr(error.message, salt));
    }
    for (int twice = 0; twice < 2; twice++) {
        snprintf(
            text,
            sizeof text,
            "a admin %s %s %s\n%s viewer %s %s %s\n",
            id,
            salt,
            hash,
            twice ? "a" : "b",
            twice ? "00000002" : id,
            salt,
            hash);
        fx_ok(tt_secret_write(path, text, strlen(text), &error), &error);
        assert_int_equal(tt_tokens_load(path, &again, &error), TUTTI_PARSE);
    }
    fx_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_secret_is_found_and_nothing_like_it, reset),
        cmocka_unit_test_setup(names_are_checked_and_unique, reset),
        cmocka_unit_test_setup(there_is_room_for_64, reset),
        cmocka_unit_test_setup(a_removed_token_is_gone, reset),
        cmocka_unit_test_setup(the_file_is_for_its_owner_alone, reset),
        cmocka_unit_test_setup(lines_that_are_no_tokens_are_named, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
