/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hints for names that do not exist: what was probably meant.
 */
#include "config/config_priv.h"

#include <string.h>

#define NAME_MAX_COMPARED 48 /* Longer names are not compared; no key is so long. */
#define ABBREVIATION_MIN  3  /* The first letters of a name count as near from so many on. */

/* What could stand at a place, one name at a time. */
typedef void (*visit_name_fn)(void *ctx, const char *name, size_t length);

/* Visits the keys of the section `path` and the names one level below it. */
static void visit_names(const char *path, visit_name_fn visit, void *ctx)
{
    size_t length = strlen(path);
    const tt_config_section *self = tt_config_find_section(path);
    for (uint32_t i = 0; self && i < self->key_count; i++) {
        visit(ctx, self->keys[i].name, strlen(self->keys[i].name));
    }
    tt_slice last = {0};
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const char *other = tt_config_sections[i].path;
        if (length > 0 && (strncmp(other, path, length) != 0 || other[length] != '.')) {
            continue;
        }
        tt_slice rest = tt_slice_of(other + (length > 0 ? length + 1 : 0));
        tt_slice child = tt_slice_split(&rest, '.');
        if (!tt_slice_eq(child, last)) {
            visit(ctx, child.data, child.length);
            last = child;
        }
    }
}

/* Edits (insert, delete, replace) that turn one name into the other. */
static uint32_t edit_distance(tt_slice a, tt_slice b)
{
    uint32_t row[NAME_MAX_COMPARED + 1];
    TT_ASSERT(b.length <= NAME_MAX_COMPARED);
    for (uint32_t j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= a.length; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= b.length; j++) {
            uint32_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1] ? 1 : 0);
            uint32_t moved = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < moved ? replaced : moved;
        }
    }
    return row[b.length];
}

typedef struct nearest_name {
    tt_slice wanted;
    tt_slice best;
    uint32_t distance;
} nearest_name;

static void note_nearest(void *ctx, const char *name, size_t length)
{
    nearest_name *nearest = ctx;
    tt_slice candidate = {.data = name, .length = length};
    uint32_t distance = edit_distance(nearest->wanted, candidate);
    tt_slice start = {.data = name, .length = nearest->wanted.length};
    if (start.length >= ABBREVIATION_MIN && start.length < length &&
        tt_slice_eq(start, nearest->wanted)) {
        distance = 1;
    }
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = candidate;
    }
}

/* The nearest name, if it is near enough to have been meant. */
static tt_slice find_nearest(const char *path, const char *name)
{
    tt_slice wanted = tt_slice_of(name);
    if (wanted.length > NAME_MAX_COMPARED) {
        return (tt_slice){0};
    }
    uint32_t most = (uint32_t)wanted.length / 3 + 1;
    nearest_name nearest = {.wanted = wanted, .distance = most + 1};
    visit_names(path, note_nearest, &nearest);
    return nearest.best;
}

/* A section elsewhere that has this key, or NULL. */
static const tt_config_section *find_owner(const char *name)
{
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        if (tt_config_find_key(&tt_config_sections[i], tt_slice_of(name))) {
            return &tt_config_sections[i];
        }
    }
    return NULL;
}

static void append_name(void *ctx, const char *name, size_t length)
{
    tt_text_buf *buf = ctx;
    if (buf->length > 0) {
        tt_text_append_text(buf, ", ");
    }
    tt_text_append(buf, name, length);
}

void tt_config_hint_names(tt_error *error, const char *path, const char *name)
{
    char names[280];
    tt_text_buf buf;
    tt_slice nearest = find_nearest(path, name);
    const tt_config_section *owner = find_owner(name);
    if (nearest.length > 0) {
        tt_error_hint(error, "did you mean `%.*s`?", (int)nearest.length, nearest.data);
    } else if (owner) {
        tt_error_hint(error, "`%s` belongs to the section `%s`", name, owner->path);
    } else {
        tt_text_init(&buf, names, sizeof names);
        visit_names(path, append_name, &buf);
        tt_error_hint(error, "allowed here: %s%s", names, buf.truncated ? "..." : "");
    }
}
