/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A server of another project that a benchmark starts for itself: on loopback, on a free port, with
 * files in the folder of the run. It is stopped by its process id, always: by server_stop, at the
 * end of the program, and by the kernel when this process dies.
 */
#ifndef TT_BENCH_SERVER_H
#define TT_BENCH_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

/** Finds a program on PATH and in the usual folders; NULL if it is not installed.
 * @lends{until the next call} */
const char *server_find(const char *program);
/** A TCP port of 127.0.0.1 that nobody uses. */
int server_free_port(void);
/** Starts `argv`, its output into the file `log`, and waits until `port` takes a connection. */
pid_t server_start(const char *const argv[], const char *log, int port);
/** Ends it and waits until it is gone. 0 is fine. */
void server_stop(pid_t server);

#endif
