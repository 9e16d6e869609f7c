/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From YAML text to a tree, by the events of libfyaml. Of YAML only mappings, lists and scalars are
 * taken; what would make one text mean another (anchors, aliases, tags, merge keys, several
 * documents) is refused by name. Nothing is expanded, so the tree is never larger than the text.
 */
#include "config/config_priv.h"

#include <libfyaml.h>
#include <string.h>

/* A document while it is read. */
typedef struct yaml_build {
    struct fy_diag *diag;
    struct fy_parser *parser;
    const char *source;
    tt_error *error;
    tt_yaml_node *nodes;
    uint32_t node_count;
    char *pool; /* Texts, each with its NUL. */
    size_t pool_used;
    size_t pool_size;
} yaml_build;

/* Place of a mark that stands behind the sign which begins the token: a quote, '&', '*'. */
static struct fy_mark before_mark(const struct fy_mark *mark)
{
    struct fy_mark before = *mark;
    before.column -= before.column > 0 ? 1 : 0;
    return before;
}

/* Where the text of an event begins, its quote included. */
static struct fy_mark begin_of(struct fy_event *event)
{
    static const struct fy_mark nowhere = {.line = -1, .column = -1};
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (!mark) {
        return nowhere;
    }
    if (event->type == FYET_ALIAS) {
        return before_mark(mark);
    }
    if (event->type == FYET_SCALAR && event->scalar.value) {
        enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
        if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) {
            return before_mark(mark);
        }
    }
    return *mark;
}

/* Place of a mark; libfyaml counts from 0. */
static tt_config_place place_of(const yaml_build *build, struct fy_mark mark)
{
    return (tt_config_place){
        .source = build->source,
        .line = (uint32_t)(mark.line + 1),
        .column = (uint32_t)(mark.column + 1),
    };
}

static tutti_status refuse_at(
    yaml_build *build, struct fy_mark mark, tutti_status status, const char *what, const char *hint)
{
    tt_config_place place = place_of(build, mark);
    (void)tt_config_fail(build->error, &place, status, "%s", what);
    tt_error_hint(build->error, "%s", hint);
    return status;
}

/* Passes on the first thing that libfyaml complained about. */
static tutti_status fail_syntax(yaml_build *build)
{
    void *previous = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(build->diag, &previous);
    tt_config_place place = {.source = build->source};
    if (first) {
        place.line = (uint32_t)first->line;
        place.column = (uint32_t)first->column;
    }
    (void)tt_config_fail(
        build->error,
        &place,
        TUTTI_PARSE,
        "not YAML%s%s",
        first ? ": " : "",
        first ? first->msg : "");
    return TUTTI_PARSE;
}

/* Refuses what would let one text stand for another. */
static tutti_status check_event(yaml_build *build, struct fy_event *event)
{
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    struct fy_token *tag = fy_event_get_tag_token(event);
    if (event->type == FYET_ALIAS) {
        struct fy_mark mark = begin_of(event);
        const char *what = "aliases (*name) are not accepted";
        return refuse_at(build, mark, TUTTI_PARSE, what, "write the value out");
    }
    if (anchor) {
        const char *what = "anchors (&name) are not accepted";
        struct fy_mark mark = before_mark(fy_token_start_mark(anchor));
        return refuse_at(build, mark, TUTTI_PARSE, what, "leave the anchor out");
    }
    if (tag) {
        const char *what = "tags (!name) are not accepted";
        return refuse_at(build, *fy_token_start_mark(tag), TUTTI_PARSE, what, "leave the tag out");
    }
    return TUTTI_OK;
}

/* Takes the next event; on success the caller frees it. */
static tutti_status next_event(yaml_build *build, struct fy_event **ret_event)
{
    struct fy_event *event = fy_parser_parse(build->parser);
    if (!event) {
        return fail_syntax(build);
    }
    tutti_status status = check_event(build, event);
    if (status != TUTTI_OK) {
        fy_parser_event_free(build->parser, event);
        return status;
    }
    *ret_event = event;
    return TUTTI_OK;
}

/* Copies the text of a scalar into the pool. */
static tutti_status copy_text(yaml_build *build, struct fy_event *event, const char **ret_text)
{
    size_t length = 0;
    const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &length) : "";
    if (!text) {
        return refuse_at(build, begin_of(event), TUTTI_PARSE, "no text", "write a value");
    }
    if (memchr(text, 0, length)) {
        const char *hint = "leave \\0 out";
        return refuse_at(build, begin_of(event), TUTTI_PARSE, "a NUL within a text", hint);
    }
    TT_ASSERT(length < build->pool_size - build->pool_used);
    char *copy = build->pool + build->pool_used;
    memcpy(copy, text, length);
    copy[length] = '\0';
    build->pool_used += length + 1;
    *ret_text = copy;
    return TUTTI_OK;
}

static tutti_status
build_node(yaml_build *build, struct fy_event *event, uint32_t depth, tt_yaml_node *node);

/* Takes a node from the bounded store. */
static tutti_status
take_node(yaml_build *build, struct fy_mark mark, uint32_t depth, tt_yaml_node **ret_node)
{
    if (depth > TT_YAML_DEPTH_MAX) {
        return refuse_at(
            build, mark, TUTTI_LIMIT, "nested too deep", "no key needs more than a few levels");
    }
    if (build->node_count == TT_YAML_NODES_MAX) {
        return refuse_at(build, mark, TUTTI_LIMIT, "too many values", "split the configuration");
    }
    *ret_node = &build->nodes[build->node_count++];
    return TUTTI_OK;
}

static void set_place(tt_yaml_node *node, struct fy_mark mark)
{
    node->line = (uint32_t)(mark.line + 1);
    node->column = (uint32_t)(mark.column + 1);
}

static tutti_status build_scalar(yaml_build *build, struct fy_event *event, tt_yaml_node *node)
{
    TUTTI_TRY(copy_text(build, event, &node->text));
    struct fy_token *token = event->scalar.value;
    node->kind = TT_YAML_SCALAR;
    node->is_plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    tt_slice text = tt_slice_of(node->text);
    node->is_null =
        node->is_plain && (text.length == 0 || tt_slice_is(text, "~") || tt_slice_is(text, "null"));
    return TUTTI_OK;
}

static tutti_status build_list(yaml_build *build, uint32_t depth, tt_yaml_node *node)
{
    tt_yaml_node **link = &node->first;
    node->kind = TT_YAML_LIST;
    for (;;) {
        struct fy_event *event = NULL;
        tt_yaml_node *item = NULL;
        TUTTI_TRY(next_event(build, &event));
        bool is_end = event->type == FYET_SEQUENCE_END;
        tutti_status status = TUTTI_OK;
        if (!is_end) {
            status = take_node(build, begin_of(event), depth + 1, &item);
        }
        if (status == TUTTI_OK && !is_end) {
            status = build_node(build, event, depth + 1, item);
        }
        fy_parser_event_free(build->parser, event);
        TUTTI_TRY(status);
        if (is_end) {
            return TUTTI_OK;
        }
        *link = item;
        link = &item->next;
    }
}

/* Checks a key of a mapping and copies it. */
static tutti_status
build_key(yaml_build *build, struct fy_event *event, const tt_yaml_node *map, tt_yaml_node *member)
{
    struct fy_mark mark = begin_of(event);
    if (event->type != FYET_SCALAR) {
        const char *hint = "a key is a plain name";
        return refuse_at(build, mark, TUTTI_PARSE, "a list or mapping as a key", hint);
    }
    TUTTI_TRY(copy_text(build, event, &member->key));
    member->key_line = (uint32_t)(mark.line + 1);
    member->key_column = (uint32_t)(mark.column + 1);
    if (strcmp(member->key, "<<") == 0) {
        const char *hint = "write the keys out";
        return refuse_at(build, mark, TUTTI_PARSE, "merge keys (<<) are not accepted", hint);
    }
    uint32_t count = 0;
    for (const tt_yaml_node *other = map->first; other; other = other->next) {
        if (++count >= TT_YAML_MEMBERS_MAX) {
            return refuse_at(build, mark, TUTTI_LIMIT, "too many keys", "no section has so many");
        }
        if (strcmp(other->key, member->key) == 0) {
            tt_config_place place = place_of(build, mark);
            (void)tt_config_fail(
                build->error, &place, TUTTI_EXISTS, "%.60s: this key is given twice", member->key);
            tt_error_hint(build->error, "the first one stands in line %u", other->key_line);
            return TUTTI_EXISTS;
        }
    }
    return TUTTI_OK;
}

/* Takes the value that belongs to a key. */
static tutti_status build_member_value(yaml_build *build, uint32_t depth, tt_yaml_node *member)
{
    struct fy_event *event = NULL;
    TUTTI_TRY(next_event(build, &event));
    tutti_status status = build_node(build, event, depth, member);
    fy_parser_event_free(build->parser, event);
    return status;
}

static tutti_status build_map(yaml_build *build, uint32_t depth, tt_yaml_node *node)
{
    tt_yaml_node **link = &node->first;
    node->kind = TT_YAML_MAP;
    for (;;) {
        struct fy_event *event = NULL;
        tt_yaml_node *member = NULL;
        TUTTI_TRY(next_event(build, &event));
        bool is_end = event->type == FYET_MAPPING_END;
        tutti_status status = TUTTI_OK;
        if (!is_end) {
            status = take_node(build, begin_of(event), depth + 1, &member);
        }
        if (status == TUTTI_OK && !is_end) {
            status = build_key(build, event, node, member);
        }
        fy_parser_event_free(build->parser, event);
        TUTTI_TRY(status);
        if (is_end) {
            return TUTTI_OK;
        }
        TUTTI_TRY(build_member_value(build, depth + 1, member));
        *link = member;
        link = &member->next;
    }
}

/* Builds the value that begins with `event`. Recursion is bounded by TT_YAML_DEPTH_MAX. */
static tutti_status
build_node(yaml_build *build, struct fy_event *event, uint32_t depth, tt_yaml_node *node)
{
    set_place(node, begin_of(event));
    if (event->type == FYET_SCALAR) {
        return build_scalar(build, event, node);
    }
    if (event->type == FYET_SEQUENCE_START) {
        return build_list(build, depth, node);
    }
    if (event->type == FYET_MAPPING_START) {
        return build_map(build, depth, node);
    }
    return refuse_at(build, begin_of(event), TUTTI_PARSE, "a value is missing", "write a value");
}

/* Takes stream and document apart; one document, or none. */
static tutti_status build_stream(yaml_build *build, tt_yaml *yaml)
{
    bool has_document = false;
    for (;;) {
        struct fy_event *event = NULL;
        TUTTI_TRY(next_event(build, &event));
        enum fy_event_type type = event->type;
        struct fy_mark mark = begin_of(event);
        tutti_status status = TUTTI_OK;
        if (type == FYET_DOCUMENT_START && has_document) {
            const char *hint = "take the second --- and what follows out";
            status = refuse_at(build, mark, TUTTI_PARSE, "a second document", hint);
        }
        has_document = has_document || type == FYET_DOCUMENT_START;
        if (type == FYET_SCALAR || type == FYET_MAPPING_START || type == FYET_SEQUENCE_START) {
            status = take_node(build, mark, 0, &yaml->root);
            if (status == TUTTI_OK) {
                status = build_node(build, event, 0, yaml->root);
            }
        }
        fy_parser_event_free(build->parser, event);
        TUTTI_TRY(status);
        if (type == FYET_STREAM_END) {
            return TUTTI_OK;
        }
    }
}

/* YAML is UTF-8 here, without control characters; checked before libfyaml sees it. */
static tutti_status
check_bytes(const char *source, const char *text, size_t length, tt_error *error)
{
    tt_config_place place = {.source = source, .line = 1, .column = 1};
    for (size_t at = 0; at < length;) {
        unsigned char c = (unsigned char)text[at];
        size_t size = tt_utf8_size(text + at, length - at);
        if (size == 0) {
            return tt_config_fail(error, &place, TUTTI_PARSE, "not UTF-8");
        }
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) {
            return tt_config_fail(error, &place, TUTTI_PARSE, "a control character");
        }
        place.column++;
        if (c == '\n') {
            place.line++;
            place.column = 1;
        }
        at += size;
    }
    return TUTTI_OK;
}

/* Takes the memory for a text of `length` bytes. */
static tutti_status take_memory(tt_yaml *yaml, yaml_build *build, size_t length, tt_error *error)
{
    // An escape of two bytes can stand for three; each text has a NUL.
    build->pool_size = 2 * length + TT_YAML_NODES_MAX * 2 + 64;
    size_t nodes_size = TT_YAML_NODES_MAX * sizeof(tt_yaml_node);
    if (tt_arena_init(&yaml->arena, nodes_size + build->pool_size + 256) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", build->source);
    }
    build->nodes = tt_arena_alloc(&yaml->arena, TT_YAML_NODES_MAX, sizeof(tt_yaml_node));
    build->pool = tt_arena_alloc(&yaml->arena, 1, build->pool_size);
    TT_ASSERT(build->nodes && build->pool);
    return TUTTI_OK;
}

/* Takes what libfyaml wants to print; its errors are collected beside. */
static void swallow_output(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)length;
}

static void close_parser(yaml_build *build)
{
    if (build->parser) {
        fy_parser_destroy(build->parser);
    }
    if (build->diag) {
        fy_diag_destroy(build->diag);
    }
}

static tutti_status open_parser(yaml_build *build, const char *text, size_t length)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = swallow_output;
    diag_cfg.colorize = false;
    build->diag = fy_diag_create(&diag_cfg);
    if (build->diag) {
        fy_diag_set_collect_errors(build->diag, true);
        struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = build->diag};
        build->parser = fy_parser_create(&cfg);
    }
    if (!build->parser || fy_parser_set_string(build->parser, text, length) != 0) {
        return tt_error_set(
            build->error, TUTTI_NO_MEMORY, "%s: no memory to read it", build->source);
    }
    return TUTTI_OK;
}

tutti_status
tt_yaml_init(tt_yaml *yaml, const char *source, const char *text, size_t length, tt_error *error)
{
    yaml_build build = {.source = source, .error = error};
    tt_config_place place = {.source = source};
    *yaml = (tt_yaml){0};
    if (length > TT_CONFIG_SIZE_MAX) {
        return tt_config_fail(
            error, &place, TUTTI_LIMIT, "larger than %zu bytes", TT_CONFIG_SIZE_MAX);
    }
    TUTTI_TRY(check_bytes(source, text, length, error));
    if (length == 0) {
        return TUTTI_OK;
    }
    TUTTI_TRY(take_memory(yaml, &build, length, error));
    tutti_status status = open_parser(&build, text, length);
    if (status == TUTTI_OK) {
        status = build_stream(&build, yaml);
    }
    close_parser(&build);
    if (status != TUTTI_OK) {
        tt_yaml_fini(yaml);
    }
    return status;
}

void tt_yaml_fini(tt_yaml *yaml)
{
    tt_arena_fini(&yaml->arena);
    yaml->root = NULL;
}
