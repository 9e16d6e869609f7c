/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Items of a list that are, in what they do not name, as the section that the list stands in.
 *
 * A key of the item is the key of the same name there; `ladder` and `ladder_x` are `ladder.enabled`
 * and `ladder.x` below it. It is done when file, environment and command line have been read, so
 * that the order in which they stand does not matter. What comes out is complete: a configuration
 * that was written down holds every key of every item.
 */
#include "config/config_priv.h"

#include <stdio.h>
#include <string.h>

bool tt_config_heir_of(
    const tt_config_section *list, const tt_config_key *key, char path[TT_CONFIG_PATH_MAX])
{
    static const char group[] = "ladder";
    const char *dot = strrchr(list->path, '.');
    if (!list->inherits || dot == NULL || key->initial[0] == '\0') {
        return false;
    }
    int length = (int)(dot - list->path);
    if (strcmp(key->name, group) == 0) {
        (void)snprintf(path, TT_CONFIG_PATH_MAX, "%.*s.%s.enabled", length, list->path, group);
    } else if (strncmp(key->name, group, sizeof group - 1) == 0) {
        const char *rest = key->name + sizeof group; // Behind the underscore.
        (void)snprintf(path, TT_CONFIG_PATH_MAX, "%.*s.%s.%s", length, list->path, group, rest);
    } else {
        (void)snprintf(path, TT_CONFIG_PATH_MAX, "%.*s.%s", length, list->path, key->name);
    }
    return true;
}

/* Copies what an item does not name. */
static void
complete(tt_config *config, const tt_config_section *list, unsigned char *item, uint64_t given)
{
    for (uint32_t i = 0; i < list->key_count; i++) {
        const tt_config_key *key = &list->keys[i];
        const tt_config_section *section = NULL;
        const tt_config_key *from = NULL;
        char path[TT_CONFIG_PATH_MAX];
        if ((given >> i & 1) != 0 || !tt_config_heir_of(list, key, path)) {
            continue;
        }
        bool is_known = tt_config_find_path(path, &section, &from);
        TT_ASSERT(is_known && from->kind == key->kind && from->size == key->size);
        memcpy(item + key->offset, tt_config_field(config, section, from), key->size);
    }
}

void tt_config_inherit(tt_config *config)
{
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *list = &tt_config_sections[i];
        if (!list->inherits) {
            continue;
        }
        uint32_t count = 0;
        memcpy(&count, (const unsigned char *)config + list->count_offset, sizeof count);
        unsigned char *items = (unsigned char *)config + list->offset;
        for (uint32_t n = 0; n < count; n++) {
            uint64_t given = tt_config_item_origin(config, list, n)->given;
            complete(config, list, items + (size_t)n * list->item_size, given);
        }
    }
}
