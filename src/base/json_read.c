/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The pull reader. What may come next is one of six states, so that each call takes exactly one
 * token:
 *
 *     VALUE       a value                     at the start, behind ':', behind ',' in an array
 *     FIRST_VALUE a value or ']'              behind '['
 *     KEY         a key                       behind ',' in an object
 *     FIRST_KEY   a key or '}'                behind '{'
 *     MORE        ',' or the end of the level behind a value in an object or array
 *     NOTHING     blanks                      behind the outermost value
 *
 * To find repeated keys, each open object remembers its keys in the scratch: hash and place.
 * Strings without escapes are lent from the input; those with escapes are decoded behind the keys.
 */
#include "base/error.h"
#include "base/json.h"
#include "base/json_string.h"

#include <string.h>

enum json_expect {
    VALUE,
    FIRST_VALUE,
    KEY,
    FIRST_KEY,
    MORE,
    NOTHING
};

#define HASH_START UINT32_C(2166136261)

/* A remembered key. */
typedef struct json_key {
    uint64_t offset; /* Of its first byte behind the quote. */
    uint32_t hash;
    uint32_t unused;
} json_key;

_Static_assert(sizeof(json_key) == TT_JSON_KEY_SCRATCH, "what json.h promises");

void tt_json_reader_init(
    tt_json_reader *reader, const char *data, size_t length, void *scratch, size_t scratch_size)
{
    memset(reader, 0, sizeof *reader);
    reader->data = data;
    reader->length = length;
    reader->scratch = scratch;
    reader->scratch_size = scratch ? scratch_size : 0;
    reader->expect = VALUE;
}

/* Records the first failure with its line and column. */
static tutti_status
fail(tt_json_reader *reader, size_t offset, tutti_status status, const char *what)
{
    tt_json_error *error = &reader->error;
    *error =
        (tt_json_error){.status = status, .what = what, .offset = offset, .line = 1, .column = 1};
    for (size_t i = 0; i < offset; i++) {
        if (reader->data[i] == '\n') {
            error->line++;
            error->column = 1;
        } else if (((unsigned char)reader->data[i] & 0xc0) != 0x80) {
            error->column++;
        }
    }
    return status;
}

static void skip_blanks(tt_json_reader *reader)
{
    while (reader->at < reader->length) {
        char c = reader->data[reader->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            return;
        }
        reader->at++;
    }
}

/* The next character, or NUL at the end (a NUL in the input fits no rule either). */
static char look(const tt_json_reader *reader)
{
    return reader->at < reader->length ? reader->data[reader->at] : '\0';
}

/* The state behind a value. */
static uint32_t after_value(const tt_json_reader *reader)
{
    return reader->depth > 0 ? MORE : NOTHING;
}

static json_key load_key(const tt_json_reader *reader, uint32_t index)
{
    json_key key;
    memcpy(&key, reader->scratch + (size_t)index * sizeof key, sizeof key);
    return key;
}

/* FNV-1a. Start with HASH_START. */
static uint32_t hash_bytes(uint32_t hash, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT32_C(16777619);
    }
    return hash;
}

/* Hash of a checked string's decoded bytes, so that "a" and "\u0061" are one key. */
static uint32_t hash_string(const tt_json_reader *reader, size_t at)
{
    char bytes[4];
    uint32_t hash = HASH_START;
    for (;;) {
        size_t size = tt_json_decode_char(reader->data, &at, bytes);
        if (size == 0) {
            return hash;
        }
        hash = hash_bytes(hash, bytes, size);
    }
}

/* Compares two checked strings by their decoded text. */
static bool is_same_string(const tt_json_reader *reader, size_t a, size_t b)
{
    char from_a[4];
    char from_b[4];
    for (;;) {
        size_t size_a = tt_json_decode_char(reader->data, &a, from_a);
        size_t size_b = tt_json_decode_char(reader->data, &b, from_b);
        if (size_a != size_b || memcmp(from_a, from_b, size_a) != 0) {
            return false;
        }
        if (size_a == 0) {
            return true;
        }
    }
}

/* Remembers a key whose text starts at `offset`; refuses one that its object has already. */
static tutti_status remember_key(tt_json_reader *reader, size_t offset, uint32_t hash)
{
    json_key key = {.offset = offset, .hash = hash};
    for (uint32_t i = reader->levels[reader->depth - 1].keys_before; i < reader->key_count; i++) {
        json_key other = load_key(reader, i);
        if (other.hash == key.hash && is_same_string(reader, other.offset, offset)) {
            return fail(reader, offset - 1, TUTTI_EXISTS, "this key stands in its object already");
        }
    }
    size_t used = (size_t)reader->key_count * sizeof key;
    if (reader->scratch_size - used < sizeof key) {
        return fail(reader, offset - 1, TUTTI_LIMIT, "more keys than the reader can remember");
    }
    memcpy(reader->scratch + used, &key, sizeof key);
    reader->key_count++;
    return TUTTI_OK;
}

/* Decodes a string with escapes behind the keys. `end` is its closing quote. */
static tutti_status
decode_string(tt_json_reader *reader, size_t begin, size_t end, tt_slice *ret_text)
{
    size_t used = (size_t)reader->key_count * sizeof(json_key);
    if (end - begin > reader->scratch_size - used) {
        return fail(reader, begin - 1, TUTTI_LIMIT, "string longer than the reader can decode");
    }
    char *out = (char *)reader->scratch + used;
    size_t length = 0;
    size_t at = begin;
    while (at < end) {
        // A decoded character is never longer than its escape, so that `end - begin` bytes suffice.
        char bytes[4];
        size_t size = tt_json_decode_char(reader->data, &at, bytes);
        memcpy(out + length, bytes, size);
        length += size;
    }
    *ret_text = (tt_slice){.data = out, .length = length};
    return TUTTI_OK;
}

/* Reads the string or key at the opening quote. */
static tutti_status read_string(tt_json_reader *reader, tt_json_kind kind, tt_json_token *token)
{
    size_t begin = reader->at + 1;
    size_t end = begin;
    bool has_escape = false;
    const char *what = tt_json_check_string(reader->data, reader->length, &end, &has_escape);
    if (what) {
        return fail(reader, end, TUTTI_PARSE, what);
    }
    *token = (tt_json_token){.kind = kind, .offset = reader->at};
    reader->at = end + 1;
    if (kind == TT_JSON_KEY) {
        uint32_t hash = has_escape ? hash_string(reader, begin)
                                   : hash_bytes(HASH_START, reader->data + begin, end - begin);
        TUTTI_TRY(remember_key(reader, begin, hash));
    }
    if (has_escape) {
        return decode_string(reader, begin, end, &token->text);
    }
    token->text = (tt_slice){.data = reader->data + begin, .length = end - begin};
    return TUTTI_OK;
}

/* Moves over a run of digits; false if there is none. */
static bool skip_digits(tt_json_reader *reader)
{
    size_t begin = reader->at;
    while (look(reader) >= '0' && look(reader) <= '9') {
        reader->at++;
    }
    return reader->at > begin;
}

/* Moves over a number; false if it breaks off or has a needless zero in front. */
static bool skip_number(tt_json_reader *reader)
{
    reader->at += look(reader) == '-';
    if (look(reader) == '0') {
        reader->at++;
    } else if (!skip_digits(reader)) {
        return false;
    }
    if (look(reader) == '.') {
        reader->at++;
        if (!skip_digits(reader)) {
            return false;
        }
    }
    if ((look(reader) | 0x20) == 'e') {
        reader->at++;
        reader->at += look(reader) == '+' || look(reader) == '-';
        return skip_digits(reader);
    }
    return true;
}

static tutti_status read_number(tt_json_reader *reader, tt_json_token *token)
{
    size_t begin = reader->at;
    if (!skip_number(reader)) {
        return fail(reader, reader->at, TUTTI_PARSE, "a digit must stand here");
    }
    *token = (tt_json_token){
        .kind = TT_JSON_NUMBER,
        .text = {.data = reader->data + begin, .length = reader->at - begin},
        .offset = begin,
    };
    return TUTTI_OK;
}

static tutti_status read_word(tt_json_reader *reader, tt_json_token *token)
{
    static const struct {
        tt_slice text;
        tt_json_kind kind;
    } words[] = {
        {{"null", 4}, TT_JSON_NULL}, {{"true", 4}, TT_JSON_TRUE}, {{"false", 5}, TT_JSON_FALSE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        tt_slice here = {.data = reader->data + reader->at, .length = words[i].text.length};
        if (here.length <= reader->length - reader->at && tt_slice_eq(here, words[i].text)) {
            *token = (tt_json_token){.kind = words[i].kind, .offset = reader->at};
            reader->at += here.length;
            return TUTTI_OK;
        }
    }
    return fail(reader, reader->at, TUTTI_PARSE, "a value must stand here");
}

static tutti_status open_level(tt_json_reader *reader, bool is_object, tt_json_token *token)
{
    if (reader->depth == TT_JSON_DEPTH_MAX) {
        return fail(reader, reader->at, TUTTI_LIMIT, "nested too deep");
    }
    reader->levels[reader->depth] =
        (tt_json_level){.is_object = is_object, .keys_before = reader->key_count};
    reader->depth++;
    reader->expect = is_object ? FIRST_KEY : FIRST_VALUE;
    *token =
        (tt_json_token){.kind = is_object ? TT_JSON_OBJECT : TT_JSON_ARRAY, .offset = reader->at};
    reader->at++;
    return TUTTI_OK;
}

static tutti_status close_level(tt_json_reader *reader, tt_json_token *token)
{
    const tt_json_level *level = &reader->levels[reader->depth - 1];
    *token = (tt_json_token){
        .kind = level->is_object ? TT_JSON_OBJECT_END : TT_JSON_ARRAY_END, .offset = reader->at};
    reader->key_count = level->keys_before;
    reader->depth--;
    reader->expect = after_value(reader);
    reader->at++;
    return TUTTI_OK;
}

static tutti_status read_value(tt_json_reader *reader, tt_json_token *token)
{
    char c = look(reader);
    if (c == '{' || c == '[') {
        return open_level(reader, c == '{', token);
    }
    if (c == '"') {
        TUTTI_TRY(read_string(reader, TT_JSON_STRING, token));
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        TUTTI_TRY(read_number(reader, token));
    } else {
        TUTTI_TRY(read_word(reader, token));
    }
    reader->expect = after_value(reader);
    return TUTTI_OK;
}

static tutti_status read_key(tt_json_reader *reader, tt_json_token *token)
{
    if (look(reader) != '"') {
        return fail(reader, reader->at, TUTTI_PARSE, "a key in quotes must stand here");
    }
    TUTTI_TRY(read_string(reader, TT_JSON_KEY, token));
    skip_blanks(reader);
    if (look(reader) != ':') {
        return fail(reader, reader->at, TUTTI_PARSE, "a colon must stand here");
    }
    reader->at++;
    reader->expect = VALUE;
    return TUTTI_OK;
}

/* Behind a member: takes the comma and what follows it, or the end of the level. */
static tutti_status read_more(tt_json_reader *reader, tt_json_token *token)
{
    bool is_object = reader->levels[reader->depth - 1].is_object;
    char c = look(reader);
    if (c == (is_object ? '}' : ']')) {
        return close_level(reader, token);
    }
    if (c != ',') {
        const char *what = is_object ? "',' or '}' must stand here" : "',' or ']' must stand here";
        return fail(reader, reader->at, TUTTI_PARSE, what);
    }
    reader->at++;
    skip_blanks(reader);
    return is_object ? read_key(reader, token) : read_value(reader, token);
}

tutti_status tt_json_next(tt_json_reader *reader, tt_json_token *ret_token)
{
    if (reader->error.status != TUTTI_OK) {
        return reader->error.status;
    }
    skip_blanks(reader);
    switch ((enum json_expect)reader->expect) {
    case VALUE:
        return read_value(reader, ret_token);
    case FIRST_VALUE:
        return look(reader) == ']' ? close_level(reader, ret_token) : read_value(reader, ret_token);
    case KEY:
        return read_key(reader, ret_token);
    case FIRST_KEY:
        return look(reader) == '}' ? close_level(reader, ret_token) : read_key(reader, ret_token);
    case MORE:
        return read_more(reader, ret_token);
    case NOTHING:
        break;
    }
    if (reader->at < reader->length) {
        return fail(reader, reader->at, TUTTI_PARSE, "something stands behind the end");
    }
    return TUTTI_END;
}

const char *tt_json_kind_name(tt_json_kind kind)
{
    static const char *const names[] = {
        [TT_JSON_NULL] = "null",
        [TT_JSON_TRUE] = "true",
        [TT_JSON_FALSE] = "false",
        [TT_JSON_NUMBER] = "number",
        [TT_JSON_STRING] = "string",
        [TT_JSON_KEY] = "key",
        [TT_JSON_OBJECT] = "object",
        [TT_JSON_OBJECT_END] = "end of object",
        [TT_JSON_ARRAY] = "array",
        [TT_JSON_ARRAY_END] = "end of array",
    };
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

tutti_status tt_json_refuse(
    tt_json_reader *reader, const tt_json_token *token, tutti_status status, const char *what)
{
    TT_ASSERT(status != TUTTI_OK);
    return fail(reader, token->offset, status, what);
}

tutti_status tt_json_expect(tt_json_reader *reader, tt_json_kind kind, tt_json_token *ret_token)
{
    static const char *const messages[] = {
        [TT_JSON_NULL] = "null must stand here",
        [TT_JSON_TRUE] = "true must stand here",
        [TT_JSON_FALSE] = "false must stand here",
        [TT_JSON_NUMBER] = "a number must stand here",
        [TT_JSON_STRING] = "a string must stand here",
        [TT_JSON_KEY] = "a key must stand here",
        [TT_JSON_OBJECT] = "an object must stand here",
        [TT_JSON_OBJECT_END] = "the object must end here",
        [TT_JSON_ARRAY] = "an array must stand here",
        [TT_JSON_ARRAY_END] = "the array must end here",
    };
    tutti_status status = tt_json_next(reader, ret_token);
    if (status == TUTTI_END) {
        return fail(reader, reader->at, TUTTI_PARSE, messages[kind]);
    }
    TUTTI_TRY(status);
    if (ret_token->kind != kind) {
        return tt_json_refuse(reader, ret_token, TUTTI_PARSE, messages[kind]);
    }
    return TUTTI_OK;
}

tutti_status tt_json_skip(tt_json_reader *reader)
{
    tt_json_token token;
    uint32_t depth = reader->depth;
    do {
        tutti_status status = tt_json_next(reader, &token);
        if (status == TUTTI_END) {
            return fail(reader, reader->at, TUTTI_PARSE, "a value must stand here");
        }
        if (status == TUTTI_OK && reader->depth < depth) {
            return fail(reader, token.offset, TUTTI_PARSE, "a value must stand here");
        }
        TUTTI_TRY(status);
    } while (reader->depth > depth || token.kind == TT_JSON_KEY);
    return TUTTI_OK;
}
