/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A POST or GET with libcurl's easy interface. Each call has a handle of its own, so that calls of
 * several threads share nothing.
 */
#include "net/http_client.h"

#include "net/curl_library.h"

#include <string.h>

tutti_status tt_http_client_setup(tt_error *error)
{
    const tt_curl *curl = NULL;
    return tt_curl_get(&curl, error);
}

/* ---- which URL may be called ---- */

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0;
}

/* The first thing that is wrong with the parts of a URL, or NULL. */
static const char *fault_of(const tt_curl *curl, CURLU *parts)
{
    char *scheme = NULL;
    char *host = NULL;
    char *user = NULL;
    const char *fault = NULL;
    bool is_whole = curl->url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                    curl->url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    if (!is_whole) {
        fault = "it has no scheme or no host";
    } else if (curl->url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK) {
        fault = "it holds a user name; secrets come from a file or the environment";
    } else if (strcmp(scheme, "http") == 0 && !is_this_machine(host)) {
        fault = "plain http is for this machine alone; use https";
    } else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) {
        fault = "its scheme must be https";
    }
    curl->free(scheme);
    curl->free(host);
    curl->free(user);
    return fault;
}

tutti_status tt_http_client_check_url(const char *url, tt_error *error)
{
    const tt_curl *curl = NULL;
    TUTTI_TRY(tt_curl_get(&curl, error));
    CURLU *parts = curl->url();
    if (parts == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a URL");
    }
    const char *fault = curl->url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK
                            ? fault_of(curl, parts)
                            : "it is none";
    curl->url_cleanup(parts);
    return fault == NULL ? TUTTI_OK
                         : tt_error_set(error, TUTTI_INVALID, "the URL cannot be used: %s", fault);
}

/* ---- the call ---- */

/** Where the body goes. */
struct sink {
    tt_http_result *result;
    bool is_full;
};

static size_t take_body(char *data, size_t one, size_t count, void *ctx)
{
    (void)one; // Always 1.
    struct sink *sink = ctx;
    tt_http_result *result = sink->result;
    if (count >= result->capacity - result->size) {
        sink->is_full = true;
        return 0; // Ends the transfer.
    }
    memcpy(result->body + result->size, data, count);
    result->size += count;
    result->body[result->size] = '\0';
    return count;
}

/* Nanoseconds as whole milliseconds, at least 1: to libcurl 0 is for ever. */
static long milliseconds(tt_dur span)
{
    int64_t ms = span.ns / TT_NS_PER_MS;
    return ms < 1 ? 1 : (long)ms;
}

static tutti_status
make_headers(const tt_curl *curl, const tt_http_post *post, struct curl_slist **ret_list)
{
    // Without this a body of more than 1 KiB waits a second for "100 Continue".
    struct curl_slist *list = curl->slist_append(NULL, "Expect:");
    for (int i = 0; list != NULL && i < TT_HTTP_HEADERS_MAX && post->headers[i] != NULL; i++) {
        struct curl_slist *longer = curl->slist_append(list, post->headers[i]);
        if (longer == NULL) {
            curl->slist_free_all(list);
        }
        list = longer;
    }
    *ret_list = list;
    return list == NULL ? TUTTI_NO_MEMORY : TUTTI_OK;
}

/* Options that are texts: copied by libcurl, so they can fail for want of memory. */
static bool set_texts(const tt_curl *curl, CURL *handle, const tt_http_post *post)
{
    bool has_ca = post->ca_file != NULL && post->ca_file[0] != '\0';
    return curl->easy_setopt(handle, CURLOPT_URL, post->url) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           // The empty texts keep libcurl from looking at the environment.
           curl->easy_setopt(handle, CURLOPT_PROXY, post->proxy == NULL ? "" : post->proxy) ==
               CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_NOPROXY, "") == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_USERAGENT, "tutti/" TUTTI_VERSION_TEXT) == CURLE_OK &&
           (!has_ca || curl->easy_setopt(handle, CURLOPT_CAINFO, post->ca_file) == CURLE_OK);
}

static void set_rest(const tt_curl *curl, CURL *handle, const tt_http_post *post, struct sink *sink)
{
    if (post->body != NULL) {
        (void)curl->easy_setopt(handle, CURLOPT_POSTFIELDS, post->body);
        (void)curl->easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_size);
    } else {
        (void)curl->easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    }
    (void)curl->easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(post->connect_timeout));
    (void)curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds(post->timeout));
    (void)curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    (void)curl->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl->easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl->easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl->easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl->easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl->easy_setopt(handle, CURLOPT_WRITEDATA, sink);
    (void)curl->easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl->easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
}

static tutti_status status_of(CURLcode code)
{
    // Not a switch over all of them: libcurl has a hundred, and grows.
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return TUTTI_TIMEOUT;
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        return TUTTI_NO_MEMORY;
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        return TUTTI_INVALID;
    }
    bool may_pass = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                    code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_GOT_NOTHING ||
                    code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
                    code == CURLE_PARTIAL_FILE;
    return may_pass ? TUTTI_BUSY : TUTTI_IO;
}

static void read_result(const tt_curl *curl, CURL *handle, tt_http_result *result)
{
    long code = 0;
    curl_off_t wait_s = 0;
    curl_off_t connect_us = 0;
    (void)curl->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    (void)curl->easy_getinfo(handle, CURLINFO_RETRY_AFTER, &wait_s);
    (void)curl->easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connect_us);
    result->code = (int)code;
    result->was_sent = connect_us > 0; // Ready to send: what became of it nobody knows.
    if (wait_s > 0) {
        int64_t most = 86400; // A server that asks for more asks for a day.
        result->retry_after.ns = (wait_s < most ? wait_s : most) * TT_NS_PER_S;
    }
}

static tutti_status perform(const tt_curl *curl, CURL *handle, struct sink *sink, tt_error *error)
{
    CURLcode code = curl->easy_perform(handle);
    read_result(curl, handle, sink->result);
    if (sink->is_full) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "the answer is larger than the %zu bytes that are allowed",
            sink->result->capacity - 1);
    }
    // The texts of libcurl's table name the kind of failure and nothing of the request.
    return code == CURLE_OK ? TUTTI_OK
                            : tt_error_set(error, status_of(code), "%s", curl->easy_strerror(code));
}

tutti_status tt_http_client_post(const tt_http_post *post, tt_http_result *result, tt_error *error)
{
    TT_ASSERT(result->capacity > 0);
    struct sink sink = {.result = result};
    struct curl_slist *headers = NULL;
    result->size = 0;
    result->code = 0;
    result->body[0] = '\0';
    result->was_sent = false;
    result->retry_after.ns = -1;
    TUTTI_TRY(tt_http_client_check_url(post->url, error));
    const tt_curl *curl = NULL;
    TUTTI_TRY(tt_curl_get(&curl, error));
    CURL *handle = curl->easy_init();
    tutti_status status = handle == NULL ? TUTTI_NO_MEMORY : make_headers(curl, post, &headers);
    if (status == TUTTI_OK && !set_texts(curl, handle, post)) {
        status = TUTTI_NO_MEMORY;
    }
    if (status == TUTTI_OK) {
        (void)curl->easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        set_rest(curl, handle, post, &sink);
        status = perform(curl, handle, &sink, error);
    } else {
        (void)tt_error_set(error, status, "no memory for a request");
    }
    curl->slist_free_all(headers);
    curl->easy_cleanup(handle);
    return status;
}
