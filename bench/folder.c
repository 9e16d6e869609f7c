/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The folder of a run.
 */
#include "folder.h"

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static char root[PATH_MAX / 2];

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    (void)remove(path); // It may be gone already: another thread or a server removes files, too.
    return 0;
}

static void remove_all(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* At the end of the program; its other threads may still be making files. */
static void remove_root(void)
{
    for (int i = 0; i < 50 && access(root, F_OK) == 0; i++) {
        remove_all(root);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

/* Waits for the wish to end. The end in a thread of its own, and not in a handler, may do what was
 * registered: servers stop and files go. */
static void *wait_for_end(void *signals)
{
    int number = SIGTERM;
    (void)sigwait(signals, &number);
    bench_end(128 + number);
}

static void watch_signals(void)
{
    static sigset_t signals;
    pthread_t thread;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0 ||
        pthread_create(&thread, NULL, wait_for_end, &signals) != 0 || pthread_detach(thread) != 0) {
        bench_fail("no thread that waits for signals");
    }
}

const char *folder_make(const char *parent, const char *name)
{
    if (strcmp(parent, "out/bench") == 0) {
        bench_make_folder("out");
        bench_make_folder("out/bench");
    }
    snprintf(root, sizeof root, "%s/%s.%d", parent, name, (int)getpid());
    bench_make_folder(root);
    if (atexit(remove_root) != 0) {
        bench_fail("the folder of the run could not be registered");
    }
    watch_signals();
    return root;
}

const char *folder_path(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

void folder_remove(const char *name)
{
    remove_all(folder_path(name));
}

void folder_settle(void)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Freed space is given back at the end of the commit that the first call makes.
    if (fd < 0 || syncfs(fd) != 0 || syncfs(fd) != 0) {
        bench_fail("%s: %s", root, strerror(errno));
    }
    close(fd);
}

const char *folder_system(void)
{
    struct statfs info;
    if (statfs(root, &info) != 0) {
        return "unknown";
    }
    switch ((unsigned long)info.f_type) {
    case 0xEF53:
        return "ext4";
    case 0x58465342:
        return "xfs";
    case 0x9123683E:
        return "btrfs";
    case 0x01021994:
        return "memory";
    case 0x794C7630:
        return "overlay";
    default:
        return "another kind";
    }
}
