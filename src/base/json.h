/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * JSON (RFC 8259): a strict pull reader and a bounded writer. Neither allocates.
 *
 * Numbers stay text, so that no digit is lost: hand them to tt_dec_parse or tt_text_parse_u64. The
 * reader refuses what the RFC leaves open: byte order marks, repeated keys of one object, lone
 * surrogates, bytes that are not UTF-8, nesting deeper than TT_JSON_DEPTH_MAX.
 * All functions: @thread{owner} @alloc{never}
 */
#ifndef TT_BASE_JSON_H
#define TT_BASE_JSON_H

#include "base/dec.h"
#include "base/text.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Objects and arrays within one another. */
#define TT_JSON_DEPTH_MAX 64

/** What a token is. */
typedef enum tt_json_kind {
    TT_JSON_NULL,
    TT_JSON_TRUE,
    TT_JSON_FALSE,
    TT_JSON_NUMBER, /**< `text` is the number as it stands. */
    TT_JSON_STRING, /**< `text` is the value without quotes and escapes; may hold NUL bytes. */
    TT_JSON_KEY,    /**< As a string; the member's value comes next. */
    TT_JSON_OBJECT, /**< '{'; keys and values follow, then TT_JSON_OBJECT_END. */
    TT_JSON_OBJECT_END,
    TT_JSON_ARRAY, /**< '['; values follow, then TT_JSON_ARRAY_END. */
    TT_JSON_ARRAY_END,
} tt_json_kind;

/** One piece of the input. */
typedef struct tt_json_token {
    tt_json_kind kind;
    tt_slice text; /**< Of numbers, strings, keys. @lends{until the next call with the reader} */
    size_t offset; /**< Of its first byte in the input. */
} tt_json_token;

/** Where and why reading stopped. */
typedef struct tt_json_error {
    tutti_status status; /**< TUTTI_OK while there is none. */
    const char *what;    /**< One English clause; lives as long as the program. */
    size_t offset;       /**< Byte of the input. */
    uint32_t line;       /**< From 1. */
    uint32_t column;     /**< From 1, in characters. */
} tt_json_error;

/** An open object or array. */
typedef struct tt_json_level {
    bool is_object;
    uint32_t keys_before; /**< Keys that the levels around it remember. */
} tt_json_level;

/** A reader; its fields belong to json_read.c, but for `error`. */
typedef struct tt_json_reader {
    const char *data;
    size_t length;
    size_t at;
    unsigned char *scratch;
    size_t scratch_size;
    uint32_t key_count; /**< Keys remembered at the front of the scratch. */
    uint32_t depth;
    uint32_t expect;
    tt_json_level levels[TT_JSON_DEPTH_MAX];
    tt_json_error error;
} tt_json_reader;

/** Scratch that each key of the objects open at one time needs, to find repeated ones. */
#define TT_JSON_KEY_SCRATCH 16

/**
 * Starts to read `length` bytes that hold one JSON text. `scratch` must offer TT_JSON_KEY_SCRATCH
 * bytes for each key of the objects that are open at one time, and behind them the longest string
 * that has escapes; it may be NULL if there are neither.
 * @borrows{`data` and `scratch` until reading ends}
 */
void tt_json_reader_init(
    tt_json_reader *reader, const char *data, size_t length, void *scratch, size_t scratch_size);
/**
 * Takes the next token.
 *
 * @retval TUTTI_END the text is complete and nothing stands behind it.
 * @retval TUTTI_PARSE not JSON. @retval TUTTI_EXISTS a key came twice in one object.
 * @retval TUTTI_LIMIT too deep, or the scratch is too small. After a failure `error` says where,
 * and every further call fails alike.
 */
TUTTI_NODISCARD tutti_status tt_json_next(tt_json_reader *reader, tt_json_token *ret_token);
/** Takes the next token and requires its kind. @retval TUTTI_PARSE another kind; see `error`. */
TUTTI_NODISCARD tutti_status
tt_json_expect(tt_json_reader *reader, tt_json_kind kind, tt_json_token *ret_token);
/**
 * Skips one whole value: behind a key its value, in an object a whole member. Its syntax is
 * checked.
 *
 * @retval TUTTI_PARSE there is no value, but the end of an object or array; or not JSON.
 */
TUTTI_NODISCARD tutti_status tt_json_skip(tt_json_reader *reader);
/** Marks the token as not acceptable to the caller: fills `error`, and returns `status`. */
tutti_status tt_json_refuse(
    tt_json_reader *reader, const tt_json_token *token, tutti_status status, const char *what);
/** Name of a kind, such as "string"; for messages. */
const char *tt_json_kind_name(tt_json_kind kind);

/** A writer; its fields belong to json_write.c. */
typedef struct tt_json_writer {
    char *data;
    size_t capacity;
    size_t length;
    bool overflow;
    bool pretty;
    bool after_key;
    bool is_complete; /**< The top value was written. */
    uint32_t depth;
    uint64_t objects; /**< Bit n: level n is an object. */
    uint64_t filled;  /**< Bit n: level n has members. */
} tt_json_writer;

/**
 * Starts to write into `data`. With `pretty`, one member a line, indented by two blanks.
 * Misuse of the calls (a value without key in an object, a key elsewhere, two top values) is a
 * broken invariant of the caller and asserts. What does not fit is left out, and tt_json_finish
 * says so.
 */
void tt_json_writer_init(tt_json_writer *writer, char *data, size_t capacity, bool pretty);
void tt_json_begin_object(tt_json_writer *writer);
void tt_json_end_object(tt_json_writer *writer);
void tt_json_begin_array(tt_json_writer *writer);
void tt_json_end_array(tt_json_writer *writer);
/** Writes a key; `key` is NUL-terminated and escaped as a string. */
void tt_json_key(tt_json_writer *writer, const char *key);
/** Writes a string; bytes that are not UTF-8 become U+FFFD. */
void tt_json_string(tt_json_writer *writer, const char *text, size_t length);
/** Writes a NUL-terminated text as a string. */
void tt_json_text(tt_json_writer *writer, const char *text);
/** Writes a whole number as a number, whatever its size. */
void tt_json_u64(tt_json_writer *writer, uint64_t value);
void tt_json_i64(tt_json_writer *writer, int64_t value);
/** Writes a whole number so that no reader rounds it: beyond 2^53 - 1 it is a string. */
void tt_json_exact_u64(tt_json_writer *writer, uint64_t value);
void tt_json_exact_i64(tt_json_writer *writer, int64_t value);
/** Writes a decimal as a number, exact. */
void tt_json_dec(tt_json_writer *writer, tt_dec value);
void tt_json_bool(tt_json_writer *writer, bool value);
void tt_json_null(tt_json_writer *writer);
/** Writes text that is JSON already, such as a number kept as text. */
void tt_json_raw(tt_json_writer *writer, const char *json, size_t length);
/**
 * Ends the text and puts a NUL behind it, which `ret_length` does not count.
 *
 * @retval TUTTI_LIMIT the text did not fit. @retval TUTTI_STATE something is still open, or nothing
 * was written.
 */
TUTTI_NODISCARD tutti_status tt_json_finish(tt_json_writer *writer, size_t *ret_length);

#endif
