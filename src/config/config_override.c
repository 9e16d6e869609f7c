/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What stands above the file: environment, --set, --data. The same names, values and bounds; errors
 * name the override instead of a line.
 */
#include "config/config_priv.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE        128
#define SOURCE_SIZE      160
#define ENVIRONMENT_NAME "TUTTI__"

/* Says what is wrong with a path that names no key. */
static tutti_status fail_path(const char *path, const tt_config_place *place, tt_error *error)
{
    char known[PATH_SIZE] = "";
    char name[PATH_SIZE] = "";
    tt_slice rest = tt_slice_of(path);
    // Walks down as far as the schema goes; what follows is the name that does not exist.
    while (rest.length > 0 && name[0] == '\0') {
        char next[2 * PATH_SIZE];
        tt_slice part = tt_slice_split(&rest, '.');
        (void)snprintf(
            next, sizeof next, "%s%s%.*s", known, known[0] ? "." : "", (int)part.length, part.data);
        const tt_config_section *section = tt_config_find_section(next);
        if (section && section->item_size > 0) {
            (void)tt_config_fail(
                error, place, TUTTI_INVALID, "a list can only be given in the file");
            return TUTTI_INVALID;
        }
        if ((section || tt_config_is_branch(next)) && strlen(next) < sizeof known) {
            memcpy(known, next, strlen(next) + 1);
        } else {
            (void)snprintf(name, sizeof name, "%.*s", (int)part.length, part.data);
        }
    }
    (void)tt_config_fail(
        error, place, TUTTI_NOT_FOUND, name[0] ? "there is no such key" : "this is a section");
    tt_config_hint_names(error, known, name);
    return TUTTI_NOT_FOUND;
}

static tutti_status apply_value(
    tt_config *config,
    const tt_config_place *place,
    tt_slice value,
    tt_config_source source,
    tt_error *error)
{
    const tt_config_section *section = NULL;
    const tt_config_key *key = NULL;
    if (!tt_config_find_path(place->path, &section, &key)) {
        return fail_path(place->path, place, error);
    }
    void *field = tt_config_field(config, section, key);
    TUTTI_TRY(tt_config_set_value(key, value, false, place, field, error));
    config->origins[tt_config_key_index(section, key)] = (tt_config_origin){.source = source};
    return TUTTI_OK;
}

/* "RISK__MAX_LEVERAGE" -> "risk.max_leverage". False if it does not fit. */
static bool path_of_variable(tt_slice name, char path[PATH_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; i < name.length; i++) {
        if (length + 1 >= PATH_SIZE) {
            return false;
        }
        char c = name.data[i];
        if (c == '_' && i + 1 < name.length && name.data[i + 1] == '_') {
            path[length++] = '.';
            i++;
        } else {
            path[length++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        }
    }
    path[length] = '\0';
    return true;
}

static tutti_status apply_variable(tt_config *config, const char *variable, tt_error *error)
{
    char path[PATH_SIZE];
    char source[SOURCE_SIZE];
    size_t prefix = strlen(ENVIRONMENT_NAME);
    if (strncmp(variable, ENVIRONMENT_NAME, prefix) != 0) {
        return TUTTI_OK;
    }
    tt_slice value = tt_slice_of(variable);
    tt_slice name = tt_slice_split(&value, '=');
    (void)snprintf(source, sizeof source, "environment %.*s", (int)name.length, name.data);
    tt_config_place place = {.source = source, .path = path};
    name.data += prefix;
    name.length -= prefix;
    if (!path_of_variable(name, path)) {
        place.path = NULL;
        return tt_config_fail(error, &place, TUTTI_NOT_FOUND, "there is no such key");
    }
    return apply_value(config, &place, value, TT_CONFIG_ENVIRONMENT, error);
}

static tutti_status apply_set(tt_config *config, const char *set, tt_error *error)
{
    char path[PATH_SIZE];
    tt_slice value = tt_slice_of(set);
    tt_slice name = tt_slice_split(&value, '=');
    tt_config_place place = {.source = "--set", .path = path};
    (void)snprintf(path, sizeof path, "%.*s", (int)name.length, name.data);
    if (!value.data || name.length == 0) {
        (void)tt_config_fail(error, &place, TUTTI_PARSE, "this is not of the form key=value");
        tt_error_hint(error, "write --set section.key=value");
        return TUTTI_PARSE;
    }
    return apply_value(config, &place, value, TT_CONFIG_SET, error);
}

tutti_status
tt_config_apply_overrides(tt_config *config, const tt_config_overrides *overrides, tt_error *error)
{
    for (const char *const *variable = overrides->environment; variable && *variable; variable++) {
        TUTTI_TRY(apply_variable(config, *variable, error));
    }
    for (uint32_t i = 0; i < overrides->set_count; i++) {
        TUTTI_TRY(apply_set(config, overrides->sets[i], error));
    }
    if (overrides->data_path) {
        tt_config_place place = {.source = "--data", .path = "feed.path"};
        tt_slice path = tt_slice_of(overrides->data_path);
        TUTTI_TRY(apply_value(config, &place, path, TT_CONFIG_DATA, error));
    }
    return TUTTI_OK;
}
