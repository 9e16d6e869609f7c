/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The functions of libcurl, loaded when the first one is needed (ADR 100). Private to net.
 */
#ifndef TT_NET_CURL_LIBRARY_H
#define TT_NET_CURL_LIBRARY_H

#include "base/error.h"

#include <curl/curl.h>

/** What is used of it, without `curl_`. */
#define TT_CURL_FUNCTIONS(F)                                                                       \
    F(global_init)                                                                                 \
    F(free)                                                                                        \
    F(url)                                                                                         \
    F(url_set)                                                                                     \
    F(url_get)                                                                                     \
    F(url_cleanup)                                                                                 \
    F(slist_append)                                                                                \
    F(slist_free_all)                                                                              \
    F(easy_init)                                                                                   \
    F(easy_setopt)                                                                                 \
    F(easy_perform)                                                                                \
    F(easy_getinfo)                                                                                \
    F(easy_strerror)                                                                               \
    F(easy_cleanup)

/** Each function under its name, with the type that the header of libcurl gives it. */
typedef struct tt_curl {
#define TT_CURL_MEMBER(name) __typeof__(&curl_##name) name;
    TT_CURL_FUNCTIONS(TT_CURL_MEMBER)
#undef TT_CURL_MEMBER
} tt_curl;

/** Loads and starts libcurl the first time; it then stays. What came of it is the same ever after.
 * @retval TUTTI_NOT_FOUND it is not installed, or lacks a function. @retval TUTTI_IO it cannot be
 * started. @lends{for ever} @thread{any} @blocks{disk} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_curl_get(const tt_curl **ret_curl, tt_error *error);
/** As tt_curl_get, for a library of any name and not only the first time: for tests.
 * @thread{setup} */
TUTTI_NODISCARD tutti_status tt_curl_load(const char *name, tt_curl *ret_curl, tt_error *error);

#endif
