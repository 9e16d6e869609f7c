/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The head of an HTTP/1 request: strict, in place, without memory of its own.
 *
 * What the standard leaves open is refused: folded headers, bare line feeds, blanks before a colon,
 * control bytes, a second Host or Content-Length, a body of unstated length. Whatever stands behind
 * this server (a proxy, a log) reads the same request as it does.
 * All functions: @thread{any} @alloc{never}
 */
#ifndef TT_NET_HTTP_PARSE_H
#define TT_NET_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes of a head at most, its empty line included. */
#define TT_HTTP_HEAD_MAX (16u * 1024u)
/** Headers of a request, and parameters of a query, at most. */
#define TT_HTTP_FIELDS_MAX 64
#define TT_HTTP_PARAMS_MAX 32

typedef enum tt_http_method {
    TT_HTTP_GET,
    TT_HTTP_HEAD,
    TT_HTTP_POST,
    TT_HTTP_OTHER, /**< A method that nothing here answers. */
} tt_http_method;

/** A header, or a parameter of the query. */
typedef struct tt_http_field {
    const char *name;
    const char *value;
} tt_http_field;

/** What a head says. The texts lie in the parsed memory. */
typedef struct tt_http_head {
    const char *path; /**< Decoded, without the query; starts with '/'. */
    uint64_t body_size;
    uint32_t field_count;
    uint32_t param_count;
    tt_http_method method;
    bool wants_close;      /**< The connection ends with the answer. */
    bool expects_continue; /**< The body comes when it is asked for. */
    tt_http_field fields[TT_HTTP_FIELDS_MAX];
    tt_http_field params[TT_HTTP_PARAMS_MAX]; /**< Decoded. */
} tt_http_head;

/**
 * Parses `length` bytes that end with the empty line. `text` is changed and must live as long as
 * `head` is used.
 *
 * Returns 0, or the code to answer with; `ret_why` says why, in one clause without quotes.
 */
int tt_http_parse_head(char *text, size_t length, tt_http_head *head, const char **ret_why);
/** Value of a header (case of the name does not count), or NULL. */
const char *tt_http_head_field(const tt_http_head *head, const char *name);

#endif
