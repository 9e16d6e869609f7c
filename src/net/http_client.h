/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * HTTP client over libcurl: one POST or GET a call, with limits on everything.
 *
 * Certificates are checked; redirects are refused; the proxy settings of the environment, cookies
 * and .netrc are not looked at. Plain http:// is for this machine alone, so that no secret crosses
 * a network in the clear. Error texts never hold a header, a URL's query or a body.
 */
#ifndef TT_NET_HTTP_CLIENT_H
#define TT_NET_HTTP_CLIENT_H

#include "base/error.h"
#include "base/types.h"

#include <stdbool.h>
#include <stddef.h>

/** Headers that one request may have. */
#define TT_HTTP_HEADERS_MAX 8

/** A request; everything is borrowed for the call. */
typedef struct tt_http_post {
    const char *url;
    const char *headers[TT_HTTP_HEADERS_MAX]; /**< "Name: value"; NULL ends the list early. */
    const char *body;                         /**< NULL: a GET. */
    size_t body_size;
    tt_dur connect_timeout; /**< Until the connection stands, TLS included. */
    tt_dur timeout;         /**< For all of it. */
    const char *proxy;      /**< NULL or "": none. */
    const char *ca_file;    /**< Certificates that are trusted; NULL or "": those of the system. */
} tt_http_post;

/** What came back. */
typedef struct tt_http_result {
    char *body;         /**< In: memory. Out: the body with a NUL behind it. */
    size_t capacity;    /**< In: bytes of `body`; a body that does not leave room for the NUL is cut
                           off and refused. */
    size_t size;        /**< Out. */
    int code;           /**< Out: 200, 404, ...; 0 if none came. */
    tt_dur retry_after; /**< Out: what the server asks to wait; -1 ns = it did not say. */
    bool was_sent;      /**< Out: the request may have reached the server. */
} tt_http_result;

/** Loads and prepares libcurl, so that a library that is missing is told before anything starts;
 * the other functions do it themselves. @retval TUTTI_NOT_FOUND, TUTTI_IO. @thread{any} */
TUTTI_NODISCARD tutti_status tt_http_client_setup(tt_error *error);
/** Tells whether a URL may be called: https, or http to this machine; without user and password.
 * @retval TUTTI_INVALID `error` says why not. @thread{any} */
TUTTI_NODISCARD tutti_status tt_http_client_check_url(const char *url, tt_error *error);
/**
 * Sends a POST, or a GET, and reads the answer, whatever its code.
 *
 * @retval TUTTI_TIMEOUT a time limit passed. @retval TUTTI_LIMIT the answer is too large.
 * @retval TUTTI_BUSY nobody listens, or the connection broke: repeating may help.
 * @retval TUTTI_IO TLS or the protocol failed. @retval TUTTI_INVALID the URL. @retval
 * TUTTI_NO_MEMORY. @thread{any} @blocks{network} @alloc{yes}
 */
TUTTI_NODISCARD tutti_status
tt_http_client_post(const tt_http_post *post, tt_http_result *result, tt_error *error);

#endif
