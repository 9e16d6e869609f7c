/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Fault points of test builds.
 */
#include "host/fault.h"

#ifdef TUTTI_FAULT_POINTS

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static char wanted[32];
static _Atomic long left;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_wish(void)
{
    const char *text = getenv("TUTTI_FAULT");
    const char *colon = text == NULL ? NULL : strchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);
    if (length > 0 && length < sizeof wanted) {
        memcpy(wanted, text, length);
        atomic_store(&left, strtol(colon + 1, NULL, 10));
    }
}

void tt_fault_strike(const char *point)
{
    pthread_once(&once, read_wish);
    if (wanted[0] != 0 && strcmp(wanted, point) == 0 && atomic_fetch_sub(&left, 1) == 1) {
        raise(SIGKILL);
    }
}

#else
/* ISO C wants a translation unit to hold something. */
typedef int tt_fault_points_are_off;
#endif
