/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Starting and stopping a server.
 */
#include "server.h"

#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One at a time. The lock is held until a new one is known: the program may end at any moment, in
 * another thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t running;

static pid_t exchange_running(pid_t value)
{
    pthread_mutex_lock(&lock);
    pid_t before = running;
    running = value;
    pthread_mutex_unlock(&lock);
    return before;
}

/* At the end of the program. */
static void stop_running(void)
{
    server_stop(exchange_running(0));
}

const char *server_find(const char *program)
{
    static char path[PATH_MAX];
    char folders[4096];
    char *rest = folders;
    const char *own = getenv("PATH");
    snprintf(folders, sizeof folders, "%s:/usr/local/sbin:/usr/sbin", own != NULL ? own : "");
    for (char *folder = strsep(&rest, ":"); folder != NULL; folder = strsep(&rest, ":")) {
        snprintf(path, sizeof path, "%s/%s", folder, program);
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return NULL;
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int server_free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        bench_fail("no free port on loopback");
    }
    close(fd);
    return ntohs(address.sin_port);
}

static bool takes_connections(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_there;
}

/* The new process: dies with its parent, says nothing on our terminal. */
_Noreturn static void become(const char *const argv[], const char *log)
{
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &none, NULL); // The mask of the benchmark is not for others.
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    execv(argv[0], (char *const *)(uintptr_t)argv); // It takes them as they are.
    _exit(127);
}

pid_t server_start(const char *const argv[], const char *log, int port)
{
    static bool is_registered;
    if (!is_registered && atexit(stop_running) != 0) {
        bench_fail("the end of a server could not be registered");
    }
    is_registered = true;
    pthread_mutex_lock(&lock);
    const pid_t server = fork();
    if (server == 0) {
        become(argv, log);
    }
    running = server > 0 ? server : 0;
    pthread_mutex_unlock(&lock);
    if (server < 0) {
        bench_fail("no process for %s", argv[0]);
    }
    for (int i = 0; i < 500; i++) {
        if (takes_connections(port)) {
            return server;
        }
        if (waitpid(server, NULL, WNOHANG) == server) {
            (void)exchange_running(0);
            bench_fail("%s ended at once; see %s", argv[0], log);
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    bench_fail("%s takes no connection on port %d", argv[0], port);
}

void server_stop(pid_t server)
{
    if (server == 0) {
        return;
    }
    (void)exchange_running(0);
    kill(server, SIGTERM);
    for (int i = 0; i < 300; i++) {
        if (waitpid(server, NULL, WNOHANG) == server) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}
