/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of config: schema, YAML tree, values.
 */
#ifndef TT_CONFIG_CONFIG_PRIV_H
#define TT_CONFIG_CONFIG_PRIV_H

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"

/* Schema (config_schema.c) */

/** What a value is; the names are those of the K tables. */
typedef enum tt_config_kind {
    TT_CONFIG_KIND_ratio,
    TT_CONFIG_KIND_price,
    TT_CONFIG_KIND_qty,
    TT_CONFIG_KIND_money,
    TT_CONFIG_KIND_u32,
    TT_CONFIG_KIND_u64,
    TT_CONFIG_KIND_dur,
    TT_CONFIG_KIND_flag,
    TT_CONFIG_KIND_enum,
    TT_CONFIG_KIND_text,
} tt_config_kind;

/** One key of a section. */
typedef struct tt_config_key {
    const char *name;
    tt_config_kind kind;
    uint32_t offset; /**< In the struct of its section. */
    uint32_t size;
    const tt_enum_info *values; /**< Of kind enum. */
    const char *initial; /**< Text of the default; "" of a kind other than text = required. */
    const char *min;     /**< "" = none. */
    const char *max;
    const char *doc;
} tt_config_key;

/** One section, or a list of them. */
typedef struct tt_config_section {
    const char *path; /**< "coordinator.consensus" */
    const tt_config_key *keys;
    uint32_t key_count;
    uint32_t offset;         /**< In tt_config: of the struct, or of the first item. */
    uint32_t item_size;      /**< Of a list; 0 = not a list. */
    uint32_t item_max;       /**< Of a list. */
    uint32_t count_offset;   /**< Of a list: in tt_config, of its uint32_t count. */
    uint32_t origins_offset; /**< Of a list: in tt_config, of the origins of its items. */
    const char *doc;
    bool inherits; /**< A list below a section: keys that an item does not name are as there. */
} tt_config_section;

/** All sections, in canonical order: parents before children, children behind one another. */
extern const tt_config_section tt_config_sections[];
extern const uint32_t tt_config_section_count;

/** Finds a section by its path, or NULL. */
const tt_config_section *tt_config_find_section(const char *path);
/** Finds a key of a section by name, or NULL. */
const tt_config_key *tt_config_find_key(const tt_config_section *section, tt_slice name);
/** Tells whether a path is above some section: "coordinator.schedules". */
bool tt_config_is_branch(const char *path);
/** Splits "section.key" and finds both; false if there is no such key, or its section is a list. */
bool tt_config_find_path(
    const char *path, const tt_config_section **ret_section, const tt_config_key **ret_key);
/** Place of a key's origin in tt_config. */
uint32_t tt_config_key_index(const tt_config_section *section, const tt_config_key *key);
/** Origin of an item of a list. */
tt_config_origin *
tt_config_item_origin(tt_config *config, const tt_config_section *section, uint32_t index);
/** Address of a field of a section that is not a list. */
void *
tt_config_field(tt_config *config, const tt_config_section *section, const tt_config_key *key);

/** Where a value comes from, in one word (config_render.c). */
const char *tt_config_origin_name(tt_config_origin origin);

/* YAML (config_yaml.c): a document as a tree. */

typedef enum tt_yaml_kind {
    TT_YAML_SCALAR,
    TT_YAML_MAP,
    TT_YAML_LIST
} tt_yaml_kind;

/** A value, with its key if it stands in a mapping. */
typedef struct tt_yaml_node {
    tt_yaml_kind kind;
    bool is_plain;   /**< Of a scalar: not in quotes, not a block. */
    bool is_null;    /**< Nothing, "~" or "null". */
    uint32_t line;   /**< Of the value, from 1. */
    uint32_t column; /**< In characters, from 1. */
    uint32_t key_line;
    uint32_t key_column;
    const char *key;  /**< NUL-terminated; NULL in lists and at the top. */
    const char *text; /**< Of a scalar; NUL-terminated. */
    struct tt_yaml_node *first;
    struct tt_yaml_node *next;
} tt_yaml_node;

/** A parsed document. */
typedef struct tt_yaml {
    tt_arena arena;
    tt_yaml_node *root; /**< NULL = empty. */
} tt_yaml;

#define TT_YAML_NODES_MAX   16384
#define TT_YAML_DEPTH_MAX   8
#define TT_YAML_MEMBERS_MAX 1024

/** Parses one document. `source` names it in errors. @gives{release with tt_yaml_fini()} */
TUTTI_NODISCARD tutti_status
tt_yaml_init(tt_yaml *yaml, const char *source, const char *text, size_t length, tt_error *error);
/** Releases a tree; a zeroed one is fine. */
void tt_yaml_fini(tt_yaml *yaml);

/* Values (config_value.c) */

/** Where a value stands, for errors. */
typedef struct tt_config_place {
    const char *source; /**< "paper.yaml", "environment TUTTI__RUN__SEED", ... */
    uint32_t line;      /**< 0 = the source alone. */
    uint32_t column;
    const char *path; /**< Key or section: "risk.max_leverage", "instruments[0].symbol". */
} tt_config_place;

/** Fills `error` with "place: path: ..." and returns `status`. */
tutti_status tt_config_fail(
    tt_error *error, const tt_config_place *place, tutti_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** Parses the text of a value, checks its bounds, and stores it in `field`. `is_quoted`: the text
 * stood in quotes, so that it can only be text. Nothing is stored on failure. */
TUTTI_NODISCARD tutti_status tt_config_set_value(
    const tt_config_key *key,
    tt_slice text,
    bool is_quoted,
    const tt_config_place *place,
    void *field,
    tt_error *error);
/** Appends a stored value as YAML. */
void tt_config_put_value(const tt_config_key *key, const void *field, tt_text_buf *out);
/** Appends what a key allows, such as "a number from 0 to 1". */
void tt_config_put_allowed(const tt_config_key *key, tt_text_buf *out);

/* Names (config_names.c) */

/** Fills the hint of an error for an unknown name below `path` ("" = top): the nearest name, the
 * section that has such a key, or all names that would be right. */
void tt_config_hint_names(tt_error *error, const char *path, const char *name);

/* Inheritance (config_inherit.c) */

/** Writes the path of the key that an item's key is as, when the item does not name it; false if
 * it must be named. `path` is of at least TT_CONFIG_PATH_MAX bytes. */
#define TT_CONFIG_PATH_MAX 128
bool tt_config_heir_of(
    const tt_config_section *list, const tt_config_key *key, char path[TT_CONFIG_PATH_MAX]);
/** Completes the items of all lists that inherit, once every other value is in force. */
void tt_config_inherit(tt_config *config);

/* Overrides (config_override.c), checks (config_check.c) */

/** Applies environment, --set and --data. */
TUTTI_NODISCARD tutti_status
tt_config_apply_overrides(tt_config *config, const tt_config_overrides *overrides, tt_error *error);
/** Applies a tree. `left_out` NULL: what cannot be applied is an error; otherwise its default
 * stays, and it is counted there. */
TUTTI_NODISCARD tutti_status tt_config_apply_tree(
    tt_config *config,
    const char *source,
    const tt_yaml_node *root,
    uint32_t *left_out,
    tt_error *error);
/** Derives what follows from other keys, then checks what no single key can say. */
TUTTI_NODISCARD tutti_status
tt_config_finish(tt_config *config, const char *source, tt_error *error);

#endif
