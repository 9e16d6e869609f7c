/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Loads libcurl. It brings some thirty libraries with it, four megabytes of memory and half of the
 * time of a start; a session that calls nobody needs none of them.
 */
#include "net/curl_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/** The interface that we are compiled against: libcurl has kept it since 2006. */
static const char library_name[] = "libcurl.so.4";

static struct {
    tt_curl functions;
    tt_error error; /**< Why it could not be loaded. */
    tutti_status status;
} loaded;

static tutti_status fail(const char *name, tt_error *error)
{
    const char *why = dlerror();
    (void)tt_error_set(
        error, TUTTI_NOT_FOUND, "libcurl cannot be loaded: %s", why != NULL ? why : name);
    tt_error_hint(error, "install the package libcurl4 (libcurl-minimal or libcurl elsewhere)");
    return TUTTI_NOT_FOUND;
}

tutti_status tt_curl_load(const char *name, tt_curl *ret_curl, tt_error *error)
{
    // Never closed: libraries that it brings have threads and handlers of their own.
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return fail(name, error);
    }
#define LOAD(function)                                                                             \
    {                                                                                              \
        void *found = dlsym(library, "curl_" #function);                                           \
        if (found == NULL) {                                                                       \
            return fail(name, error);                                                              \
        }                                                                                          \
        _Static_assert(sizeof found == sizeof ret_curl->function, "POSIX, dlsym");                 \
        memcpy(&ret_curl->function, &found, sizeof found);                                         \
    }
    TT_CURL_FUNCTIONS(LOAD)
#undef LOAD
    return TUTTI_OK;
}

static void load_once(void)
{
    loaded.status = tt_curl_load(library_name, &loaded.functions, &loaded.error);
    if (loaded.status == TUTTI_OK &&
        loaded.functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        loaded.status = tt_error_set(&loaded.error, TUTTI_IO, "libcurl cannot be started");
    }
}

tutti_status tt_curl_get(const tt_curl **ret_curl, tt_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load_once);
    if (loaded.status != TUTTI_OK) {
        if (error != NULL) {
            *error = loaded.error;
        }
        return loaded.status;
    }
    *ret_curl = &loaded.functions;
    return TUTTI_OK;
}
