/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Foreign work during a run.
 */
#include "watch.h"

#include "bench.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Seconds that a process has computed; 0 for none. */
static double process_seconds(pid_t pid)
{
    char path[64];
    unsigned long long user = 0, system = 0;
    if (pid == 0) {
        return 0;
    }
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return 0;
    }
    int found = fscanf(
        in, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
    fclose(in);
    return found == 2 ? (double)(user + system) / (double)sysconf(_SC_CLK_TCK) : 0;
}

void watch_start(watch_span *watch, pid_t server)
{
    watch->server = server;
    watch->server_s = process_seconds(server);
    watch->before = place_load_now();
}

double watch_foreign(const watch_span *watch)
{
    double seconds = bench_seconds() - watch->before.wall_s;
    double server = process_seconds(watch->server) - watch->server_s;
    double others = place_foreign(&watch->before) - server / (seconds * place_cpus());
    return others > 0 ? others : 0;
}

double watch_wait_quiet(double seconds_max)
{
    const double start = bench_seconds();
    double waited = 0;
    while (waited < seconds_max) {
        watch_span watch;
        watch_start(&watch, 0);
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        waited = bench_seconds() - start;
        if (watch_foreign(&watch) < WATCH_FOREIGN_MAX) {
            break;
        }
    }
    return waited;
}
