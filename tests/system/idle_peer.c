/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Does nothing, with the libraries of the program: prints the KiB that are resident then. What a
 * session takes is seen beside it (idle_test.py).
 */
#include <event2/event.h>
#include <libfyaml.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

/* One function of each, so that all are loaded; none is called. */
typedef void (*anything)(void);
static const volatile anything used[] = {
    (anything)event_get_version,
    (anything)fy_library_version,
    (anything)OPENSSL_cleanse,
    (anything)sqlite3_libversion,
    (anything)zip_libzip_version,
    (anything)zlibVersion,
    (anything)ZSTD_versionNumber,
};

int main(void)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL || used[0] == NULL) {
        return 1;
    }
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            fputs(line + 6, stdout);
        }
    }
    return fclose(status);
}
