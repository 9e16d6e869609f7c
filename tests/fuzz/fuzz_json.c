/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes into the JSON reader. What it accepts must come out of the writer as a text with the
 * same tokens; what it refuses must name a place within the input.
 */
#include "base/error.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_token(tt_json_writer *writer, const tt_json_token *token)
{
    char key[4096];
    switch (token->kind) {
    case TT_JSON_NULL:
        tt_json_null(writer);
        break;
    case TT_JSON_TRUE:
    case TT_JSON_FALSE:
        tt_json_bool(writer, token->kind == TT_JSON_TRUE);
        break;
    case TT_JSON_NUMBER:
        tt_json_raw(writer, token->text.data, token->text.length);
        break;
    case TT_JSON_STRING:
        tt_json_string(writer, token->text.data, token->text.length);
        break;
    case TT_JSON_KEY:
        memcpy(key, token->text.data, token->text.length);
        key[token->text.length] = '\0';
        tt_json_key(writer, key);
        break;
    case TT_JSON_OBJECT:
        tt_json_begin_object(writer);
        break;
    case TT_JSON_OBJECT_END:
        tt_json_end_object(writer);
        break;
    case TT_JSON_ARRAY:
        tt_json_begin_array(writer);
        break;
    case TT_JSON_ARRAY_END:
        tt_json_end_array(writer);
        break;
    }
}

/* Keys are handed to the writer as C strings. */
static bool can_write(const tt_json_token *token)
{
    return token->kind != TT_JSON_KEY ||
           (token->text.length < 4096 && !memchr(token->text.data, 0, token->text.length));
}

/* Reads all of `text` and writes it to `out`; false when it is not JSON or cannot be written. */
static bool copy_json(tt_slice text, bool pretty, char *out, size_t capacity, size_t *ret_length)
{
    char scratch[8192];
    tt_json_reader reader;
    tt_json_writer writer;
    tt_json_token token;
    tt_json_reader_init(&reader, text.data, text.length, scratch, sizeof scratch);
    tt_json_writer_init(&writer, out, capacity, pretty);
    tutti_status status = tt_json_next(&reader, &token);
    for (; status == TUTTI_OK && can_write(&token); status = tt_json_next(&reader, &token)) {
        TT_ASSERT(token.offset < text.length);
        write_token(&writer, &token);
    }
    TT_ASSERT(status == TUTTI_OK || status == TUTTI_END || reader.error.offset <= text.length);
    TT_ASSERT(reader.error.status == TUTTI_OK || (reader.error.what && reader.error.line > 0));
    return status == TUTTI_END && tt_json_finish(&writer, ret_length) == TUTTI_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // A control byte can grow to six, and pretty text indents by 128 at most.
    size_t capacity = size * 140 + 64;
    char *first = malloc(capacity);
    char *second = malloc(capacity);
    TT_ASSERT(first && second);
    size_t length = 0;
    size_t length_again = 0;
    tt_slice input = {.data = (const char *)data, .length = size};
    if (copy_json(input, false, first, capacity, &length)) {
        // Compact to pretty to compact is the identity.
        tt_slice compact = {.data = first, .length = length};
        TT_ASSERT(copy_json(compact, true, second, capacity, &length_again));
        char *third = malloc(capacity);
        TT_ASSERT(third);
        tt_slice pretty = {.data = second, .length = length_again};
        TT_ASSERT(copy_json(pretty, false, third, capacity, &length_again));
        TT_ASSERT(length_again == length && memcmp(first, third, length) == 0);
        free(third);
    }
    free(first);
    free(second);
    return 0;
}
