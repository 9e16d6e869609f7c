/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Keys of providers: from the environment or a file, and nowhere else.
 */
#include "llm/llm_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const char *text)
{
    return strcmp(text, "none") != 0;
}

/* A key goes into a header: visible characters alone, so that it cannot begin another one. */
static bool is_fit(const char *key, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (key[i] <= 0x20 || key[i] >= 0x7f) {
            return false;
        }
    }
    return length > 0 && length < TT_LLM_KEY_MAX;
}

static tutti_status take_key(
    const char *text, size_t length, const char *place, char key[TT_LLM_KEY_MAX], tt_error *error)
{
    tt_slice trimmed = tt_slice_trim((tt_slice){text, length});
    if (!is_fit(trimmed.data, trimmed.length)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "%s holds no key: 1 to %d visible characters are needed",
            place,
            TT_LLM_KEY_MAX - 1);
    }
    memcpy(key, trimmed.data, trimmed.length);
    key[trimmed.length] = '\0';
    return TUTTI_OK;
}

static tutti_status read_file(const char *path, char key[TT_LLM_KEY_MAX], tt_error *error)
{
    char text[TT_LLM_KEY_MAX + 8];
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return tt_error_set(error, TUTTI_NOT_FOUND, "%s: the key cannot be read", path);
    }
    size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    tutti_status status = take_key(text, length, path, key, error);
    explicit_bzero(text, sizeof text);
    return status;
}

tutti_status
tt_llm_key_read(const tt_llm_provider_config *provider, char key[TT_LLM_KEY_MAX], tt_error *error)
{
    key[0] = '\0';
    if (is_named(provider->key_file)) {
        return read_file(provider->key_file, key, error);
    }
    if (!is_named(provider->key_env)) {
        return TUTTI_OK;
    }
    const char *value = getenv(provider->key_env);
    if (value == NULL) {
        tt_error_set(
            error,
            TUTTI_NOT_FOUND,
            "the environment has no %s, which holds the key of provider %s",
            provider->key_env,
            provider->name);
        tt_error_hint(error, "set it, or name another place with key_env or key_file");
        return TUTTI_NOT_FOUND;
    }
    return take_key(value, strlen(value), provider->key_env, key, error);
}
