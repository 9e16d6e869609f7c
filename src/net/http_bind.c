/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The listening socket of the HTTP server.
 */
#include "base/text.h"
#include "net/http_priv.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Splits "host:port"; brackets around an IPv6 address are taken off. */
static tutti_status
split_address(const char *listen, char host[HTTP_HOST_MAX], char port[8], tt_error *error)
{
    const char *colon = strrchr(listen, ':');
    size_t host_length = colon == NULL ? 0 : (size_t)(colon - listen);
    const char *start = listen;
    if (host_length >= 2 && listen[0] == '[' && listen[host_length - 1] == ']') {
        start++;
        host_length -= 2;
    }
    size_t port_length = colon == NULL ? 0 : strlen(colon + 1);
    uint64_t number = 0;
    bool is_number = port_length >= 1 &&
                     tt_text_parse_u64(colon + 1, port_length, &number) == TUTTI_OK &&
                     number <= UINT16_MAX;
    if (host_length == 0 || host_length >= HTTP_HOST_MAX || !is_number) {
        tt_error_set(error, TUTTI_INVALID, "api.listen: '%s' is no address", listen);
        tt_error_hint(error, "host:port, such as 127.0.0.1:8090 or [::1]:8090");
        return TUTTI_INVALID;
    }
    memcpy(host, start, host_length);
    host[host_length] = 0;
    memcpy(port, colon + 1, port_length + 1);
    return TUTTI_OK;
}

static tutti_status fail_to_bind(const char *listen, int code, tt_error *error)
{
    if (code == EADDRINUSE) {
        tt_error_set(error, TUTTI_BUSY, "api.listen: %s is in use by another program", listen);
        tt_error_hint(error, "choose another port: --set api.listen=127.0.0.1:8091");
        return TUTTI_BUSY;
    }
    tutti_status status = code == EACCES || code == EPERM ? TUTTI_PERMISSION : TUTTI_INVALID;
    return tt_error_set(
        error, status, "api.listen: cannot listen on %s: %s", listen, strerror(code));
}

static int bind_first(const struct addrinfo *list)
{
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        int file = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int yes = 1;
        if (file < 0) {
            continue;
        }
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(file, at->ai_addr, at->ai_addrlen) == 0 && listen(file, 64) == 0) {
            return file;
        }
        int code = errno;
        close(file);
        errno = code;
    }
    return -1;
}

static void remember_address(tt_http_server *server, int file)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char host[HTTP_HOST_MAX] = "?";
    char port[8] = "?";
    if (getsockname(file, (struct sockaddr *)&bound, &length) == 0) {
        getnameinfo(
            (struct sockaddr *)&bound,
            length,
            host,
            sizeof host,
            port,
            sizeof port,
            NI_NUMERICHOST | NI_NUMERICSERV);
    }
    server->is_loopback = strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
    bool is_v6 = strchr(host, ':') != NULL;
    snprintf(
        server->address,
        sizeof server->address,
        "http://%s%s%s:%s",
        is_v6 ? "[" : "",
        host,
        is_v6 ? "]" : "",
        port);
}

tutti_status tt_http_bind(tt_http_server *server, int *ret_file, tt_error *error)
{
    char host[HTTP_HOST_MAX];
    char port[8];
    TUTTI_TRY(split_address(server->options.listen, host, port, error));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int found = getaddrinfo(host, port, &hints, &list);
    if (found != 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "api.listen: '%s': %s",
            server->options.listen,
            gai_strerror(found));
    }
    int file = bind_first(list);
    int code = errno;
    freeaddrinfo(list);
    if (file < 0) {
        return fail_to_bind(server->options.listen, code, error);
    }
    remember_address(server, file);
    *ret_file = file;
    return TUTTI_OK;
}
