/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Loading: defaults, then the file, then what stands above it, then the checks.
 */
#include "config/config.h"

#include "config/config_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fills one section with the defaults of its table. */
static void init_section(tt_config *config, const tt_config_section *section)
{
    const tt_config_place place = {.source = "defaults", .path = section->path};
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        tt_slice text = tt_slice_of(key->initial);
        void *field = tt_config_field(config, section, key);
        TT_ASSERT(tt_config_set_value(key, text, false, &place, field, NULL) == TUTTI_OK);
    }
}

void tt_config_init(tt_config *config)
{
    memset(config, 0, sizeof *config);
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        if (tt_config_sections[i].item_size == 0) {
            init_section(config, &tt_config_sections[i]);
        }
    }
    for (uint32_t task = 0; task < TT_task_COUNT; task++) {
        tt_coord_schedule_defaults((tt_task)task, &config->engine.coord.schedules[task]);
    }
    config->engine.coord.schedules[TT_task_SENTIMENT_ANALYSIS].enabled = false;
    for (uint32_t breach = 0; breach < TT_COORD_BREACHES; breach++) {
        tt_coord_breach_defaults((tt_breach_type)breach, &config->engine.coord.breaches[breach]);
    }
}

static tutti_status load_named(
    const char *source,
    tt_slice text,
    const tt_config_overrides *overrides,
    tt_config *config,
    tt_error *error)
{
    tt_yaml yaml = {0};
    tt_config_init(config);
    TUTTI_TRY(tt_yaml_init(&yaml, source, text.data, text.length, error));
    tutti_status status = tt_config_apply_tree(config, source, yaml.root, NULL, error);
    tt_yaml_fini(&yaml);
    TUTTI_TRY(status);
    if (overrides) {
        TUTTI_TRY(tt_config_apply_overrides(config, overrides, error));
    }
    return tt_config_finish(config, source, error);
}

tutti_status tt_config_load_text(
    const char *text,
    size_t length,
    const tt_config_overrides *overrides,
    tt_config *config,
    tt_error *error)
{
    tt_slice slice = {.data = text, .length = length};
    return load_named("configuration", slice, overrides, config, error);
}

tutti_status
tt_config_parse_text(const void *text, size_t length, tt_config *config, tt_error *error)
{
    tt_slice slice = {.data = text, .length = length};
    return load_named("recorded configuration", slice, NULL, config, error);
}

tutti_status tt_config_parse_any(
    const void *text, size_t length, tt_config *config, uint32_t *ret_left_out, tt_error *error)
{
    static const char source[] = "recorded configuration";
    tt_yaml yaml = {0};
    *ret_left_out = 0;
    tt_config_init(config);
    TUTTI_TRY(tt_yaml_init(&yaml, source, text, length, error));
    tutti_status status = tt_config_apply_tree(config, source, yaml.root, ret_left_out, NULL);
    tt_yaml_fini(&yaml);
    TUTTI_TRY(status);
    *ret_left_out += tt_config_finish(config, source, NULL) != TUTTI_OK;
    return TUTTI_OK;
}

static tutti_status fail_file(const char *path, int reason, tt_error *error)
{
    tutti_status status = reason == ENOENT || reason == ENOTDIR ? TUTTI_NOT_FOUND
                          : reason == EACCES                    ? TUTTI_PERMISSION
                                                                : TUTTI_IO;
    return tt_error_set(error, status, "%s: %s", path, strerror(reason));
}

/* Reads a whole file of bounded size. */
static tutti_status read_file(const char *path, char *data, size_t *ret_length, tt_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return fail_file(path, errno, error);
    }
    errno = 0;
    // One byte more than allowed is asked for, to see whether there is more.
    size_t length = fread(data, 1, TT_CONFIG_SIZE_MAX + 1, file);
    int reason = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (reason != 0) {
        return fail_file(path, reason, error);
    }
    *ret_length = length;
    return TUTTI_OK;
}

tutti_status tt_config_load(
    const char *path, const tt_config_overrides *overrides, tt_config *config, tt_error *error)
{
    size_t length = 0;
    char *data = malloc(TT_CONFIG_SIZE_MAX + 1);
    if (!data) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", path);
    }
    tutti_status status = read_file(path, data, &length, error);
    if (status == TUTTI_OK) {
        tt_slice text = {.data = data, .length = length};
        status = load_named(path, text, overrides, config, error);
    }
    free(data);
    return status;
}
