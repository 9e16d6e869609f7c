/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Tokens: their hashes, their file.
 */
#include "api/api_tokens.h"

#include "api/api_secret.h"
#include "base/text.h"
#include "journal/sha256.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECRET_BYTES = 32,
    ID_DIGITS = 8,
    FILE_MAX = 16 * 1024
};

static const char first_line[] = "# Tutti tokens, version 1: name role id salt hash\n";
static const char secret_start[] = "tutti_";

bool tt_role_find(const char *text, tt_role *ret_role)
{
    uint8_t role = TT_role_NONE;
    if (!tt_enum_find(&tt_enum_role, text, strlen(text), &role) || role == TT_role_NONE) {
        return false;
    }
    *ret_role = (tt_role)role;
    return true;
}

/** 1 to 31 letters, digits, '.', '_', '-'. */
static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(name);
    return length > 0 && length < TT_TOKEN_NAME_MAX && strspn(name, allowed) == length;
}

/* ---- secrets ---- */

static void make_hash(const char *secret, const uint8_t salt[16], uint8_t hash[32])
{
    tt_sha256_hmac(salt, 16, secret, strlen(secret), hash);
}

const tt_token *tt_tokens_find(const tt_tokens *tokens, const char *secret)
{
    const size_t start = sizeof secret_start - 1;
    // A token that nobody has takes the time of one that somebody has.
    static const tt_token nobody;
    const tt_token *found = &nobody;
    uint8_t hash[32];
    uint32_t id = 0;
    if (strlen(secret) >= TT_TOKEN_SECRET_MAX || strncmp(secret, secret_start, start) != 0 ||
        strlen(secret) < start + ID_DIGITS ||
        !tt_secret_unhex(secret + start, ID_DIGITS, &id, sizeof id)) {
        return NULL;
    }
    for (uint32_t i = 0; i < tokens->count; i++) {
        found = tokens->list[i].id == id ? &tokens->list[i] : found;
    }
    make_hash(secret, found->salt, hash);
    bool is_right = CRYPTO_memcmp(hash, found->hash, sizeof hash) == 0;
    return is_right && found != &nobody ? found : NULL;
}

static const tt_token *find_name(const tt_tokens *tokens, const char *name)
{
    for (uint32_t i = 0; i < tokens->count; i++) {
        if (strcmp(tokens->list[i].name, name) == 0) {
            return &tokens->list[i];
        }
    }
    return NULL;
}

static bool has_id(const tt_tokens *tokens, uint32_t id)
{
    for (uint32_t i = 0; i < tokens->count; i++) {
        if (tokens->list[i].id == id) {
            return true;
        }
    }
    return false;
}

tutti_status tt_tokens_add(
    tt_tokens *tokens,
    const char *name,
    tt_role role,
    char secret[TT_TOKEN_SECRET_MAX],
    tt_error *error)
{
    uint8_t random[SECRET_BYTES];
    tt_token token = {.role = role};
    if (!is_name(name)) {
        tt_error_set(error, TUTTI_INVALID, "'%.64s' is no name of a token", name);
        tt_error_hint(error, "1 to 31 letters, digits, '.', '_' or '-'");
        return TUTTI_INVALID;
    }
    if (find_name(tokens, name) != NULL) {
        tt_error_set(error, TUTTI_EXISTS, "there is a token '%s' already", name);
        tt_error_hint(error, "revoke it first: tutti token revoke %s", name);
        return TUTTI_EXISTS;
    }
    if (tokens->count == TT_TOKENS_MAX) {
        return tt_error_set(
            error, TUTTI_LIMIT, "there are %u tokens already; revoke one", TT_TOKENS_MAX);
    }
    do {
        if (!tt_secret_random(random, sizeof random) ||
            !tt_secret_random(&token.id, sizeof token.id) ||
            !tt_secret_random(token.salt, sizeof token.salt)) {
            return tt_error_set(error, TUTTI_IO, "the system gives no random numbers");
        }
    } while (has_id(tokens, token.id));
    char *at = secret + sizeof secret_start - 1;
    memcpy(secret, secret_start, sizeof secret_start);
    tt_secret_hex(&token.id, sizeof token.id, at);
    at[ID_DIGITS] = '_';
    tt_secret_hex(random, sizeof random, at + ID_DIGITS + 1);
    OPENSSL_cleanse(random, sizeof random);
    make_hash(secret, token.salt, token.hash);
    memcpy(token.name, name, strlen(name) + 1);
    tokens->list[tokens->count++] = token;
    return TUTTI_OK;
}

bool tt_tokens_remove(tt_tokens *tokens, const char *name)
{
    const tt_token *found = find_name(tokens, name);
    if (found == NULL) {
        return false;
    }
    size_t place = (size_t)(found - tokens->list);
    memmove(
        &tokens->list[place],
        &tokens->list[place + 1],
        (tokens->count - place - 1) * sizeof tokens->list[0]);
    tokens->count--;
    return true;
}

/* ---- file ---- */

static bool read_token(tt_slice line, tt_token *token)
{
    char name[TT_TOKEN_NAME_MAX];
    char role[16];
    tt_slice words[5];
    for (size_t i = 0; i < 5; i++) {
        words[i] = tt_slice_split(&line, ' ');
    }
    if (line.data != NULL || words[0].length >= sizeof name || words[1].length >= sizeof role ||
        words[0].length == 0) {
        return false;
    }
    *token = (tt_token){0};
    memcpy(token->name, words[0].data, words[0].length);
    memcpy(role, words[1].data, words[1].length);
    role[words[1].length] = 0;
    return is_name(token->name) && tt_role_find(role, &token->role) &&
           tt_secret_unhex(words[2].data, words[2].length, &token->id, sizeof token->id) &&
           tt_secret_unhex(words[3].data, words[3].length, token->salt, sizeof token->salt) &&
           tt_secret_unhex(words[4].data, words[4].length, token->hash, sizeof token->hash);
}

static tutti_status read_tokens(const char *path, tt_slice text, tt_tokens *tokens, tt_error *error)
{
    for (unsigned line = 1; text.length > 0; line++) {
        tt_slice content = tt_slice_trim(tt_slice_split(&text, '\n'));
        if (content.length == 0 || content.data[0] == '#') {
            continue;
        }
        if (tokens->count == TT_TOKENS_MAX) {
            return tt_error_set(
                error, TUTTI_LIMIT, "%s:%u: more than %u tokens", path, line, TT_TOKENS_MAX);
        }
        tt_token *token = &tokens->list[tokens->count];
        if (!read_token(content, token)) {
            tt_error_set(error, TUTTI_PARSE, "%s:%u: this line is no token", path, line);
            tt_error_hint(error, "lines are written by 'tutti token add', never by hand");
            return TUTTI_PARSE;
        }
        if (find_name(tokens, token->name) != NULL || has_id(tokens, token->id)) {
            return tt_error_set(error, TUTTI_PARSE, "%s:%u: a token stands twice", path, line);
        }
        tokens->count++;
    }
    return TUTTI_OK;
}

tutti_status tt_tokens_load(const char *path, tt_tokens *tokens, tt_error *error)
{
    char *text = NULL;
    size_t size = 0;
    memset(tokens, 0, sizeof *tokens);
    TUTTI_TRY(tt_secret_load(path, FILE_MAX, &text, &size, error));
    tutti_status status = read_tokens(path, (tt_slice){text, size}, tokens, error);
    free(text);
    if (status != TUTTI_OK) {
        memset(tokens, 0, sizeof *tokens);
    }
    return status;
}

tutti_status tt_tokens_save(const char *path, const tt_tokens *tokens, tt_error *error)
{
    char text[FILE_MAX];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    tt_text_append_text(&buf, first_line);
    for (uint32_t i = 0; i < tokens->count; i++) {
        const tt_token *token = &tokens->list[i];
        char id[2 * sizeof token->id + 1];
        char salt[2 * sizeof token->salt + 1];
        char hash[2 * sizeof token->hash + 1];
        tt_secret_hex(&token->id, sizeof token->id, id);
        tt_secret_hex(token->salt, sizeof token->salt, salt);
        tt_secret_hex(token->hash, sizeof token->hash, hash);
        const char *role = tt_enum_text(&tt_enum_role, (uint8_t)token->role);
        tt_text_appendf(&buf, "%s %s %s %s %s\n", token->name, role, id, salt, hash);
    }
    TT_ASSERT(!buf.truncated);
    return tt_secret_write(path, buf.data, buf.length, error);
}
