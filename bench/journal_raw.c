/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ring, writer thread, wake-up of the raw log.
 */
#include "journal_raw.h"

#include "bench.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    RING_BYTES_MIN = 1 << 20,
    POLLS = 2000, /**< Looks at an empty ring before the writer sleeps. */
    PREPARE_BYTES = 64 * 1024,
    BLOCK = 4096,
    LARGE_PAGE = 2 << 20,
    BLOCK_SLOTS = BLOCK / LOAD_BYTES
};

typedef _Atomic uint32_t word;

/* A word that one publisher sleeps on, alone on its line. */
typedef struct publisher_word {
    _Alignas(64) word value;
} publisher_word;

struct raw_log {
    raw_options options;
    int fd;
    uint64_t slots; /**< A power of two. */
    load_message *ring;
    _Atomic uint64_t *ready; /**< Of a slot: 1 + place of the message in it. Many publishers. */
    pthread_t writer;
    _Alignas(128) _Atomic uint64_t head;    /**< Appended, or claimed by many publishers. */
    _Alignas(128) _Atomic uint64_t durable; /**< Messages. */
    _Atomic uint64_t commits;
    _Atomic bool is_over;
    _Alignas(128) word sleeping; /**< The writer sleeps on it while it is 1. */
    publisher_word publishers[LOAD_PUBLISHERS];
};

static void pause_processor(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void futex_wait(word *at, uint32_t value)
{
    (void)syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(word *at)
{
    (void)syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Number of messages that are whole from `from` on, at most a batch. */
static uint64_t whole_end(raw_log *log, uint64_t from)
{
    const uint64_t most = from + log->options.batch_bytes / LOAD_BYTES;
    if (!log->options.has_publishers) {
        uint64_t head = atomic_load_explicit(&log->head, memory_order_acquire);
        return head < most ? head : most;
    }
    uint64_t end = from;
    while (end < most &&
           atomic_load_explicit(&log->ready[end & (log->slots - 1)], memory_order_acquire) ==
               end + 1) {
        end++;
    }
    return end;
}

/* Writes what the ring holds. Past the page cache from the start of a block, whose messages are in
 * the ring still, to the end of one, whose later messages are written again. */
static void write_messages(raw_log *log, uint64_t from, uint64_t end)
{
    if (log->options.is_direct) {
        from = from / BLOCK_SLOTS * BLOCK_SLOTS;
        end = (end + BLOCK_SLOTS - 1) / BLOCK_SLOTS * BLOCK_SLOTS;
    }
    const uint64_t first = from & (log->slots - 1);
    const uint64_t count = end - from;
    const uint64_t until_wrap = log->slots - first < count ? log->slots - first : count;
    struct iovec parts[2] = {
        {&log->ring[first], until_wrap * LOAD_BYTES},
        {log->ring, (count - until_wrap) * LOAD_BYTES}};
    ssize_t wanted = (ssize_t)(count * LOAD_BYTES);
    if (pwritev(log->fd, parts, count > until_wrap ? 2 : 1, (off_t)(from * LOAD_BYTES)) != wanted) {
        bench_fail("raw: write: %s", strerror(errno));
    }
    if (log->options.is_synced && fdatasync(log->fd) != 0) {
        bench_fail("raw: fdatasync: %s", strerror(errno));
    }
}

/* Says what is durable and wakes who waited for it. */
static void acknowledge(raw_log *log, uint64_t from, uint64_t end)
{
    if (!log->options.has_publishers) {
        atomic_store_explicit(&log->durable, end, memory_order_release);
        return;
    }
    for (uint64_t i = from; i < end; i++) {
        word *value = &log->publishers[log->ring[i & (log->slots - 1)].publisher].value;
        atomic_fetch_add(value, 1);
        futex_wake(value);
    }
    atomic_store_explicit(&log->durable, end, memory_order_release);
}

/* Waits until there may be a message after `from`; false: there will be none. */
static bool wait_for_messages(raw_log *log, uint64_t from)
{
    for (int i = 0; i < POLLS; i++) {
        if (whole_end(log, from) > from) {
            return true;
        }
        pause_processor();
    }
    if (atomic_load(&log->is_over)) {
        return whole_end(log, from) > from;
    }
    atomic_store(&log->sleeping, 1);
    if (whole_end(log, from) == from && !atomic_load(&log->is_over)) {
        futex_wait(&log->sleeping, 1);
    }
    atomic_store(&log->sleeping, 0);
    return true;
}

static void *write_on(void *argument)
{
    raw_log *log = argument;
    uint64_t at = 0;
    if (!log->options.has_publishers) {
        place_pin(1);
    }
    while (wait_for_messages(log, at)) {
        uint64_t end = whole_end(log, at);
        if (end == at) {
            continue;
        }
        write_messages(log, at, end);
        atomic_fetch_add_explicit(&log->commits, 1, memory_order_relaxed);
        acknowledge(log, at, end);
        at = end;
    }
    return NULL;
}

static void wake_writer(raw_log *log)
{
    if (atomic_load(&log->sleeping) == 1 && atomic_exchange(&log->sleeping, 0) == 1) {
        futex_wake(&log->sleeping);
    }
}

static bool append(void *ctx, const load_message *message)
{
    raw_log *log = ctx;
    uint64_t head = atomic_load_explicit(&log->head, memory_order_relaxed);
    uint64_t durable = atomic_load_explicit(&log->durable, memory_order_acquire);
    // The block in which the last commit ends stays.
    if (head - durable >= log->slots - BLOCK_SLOTS) {
        return false;
    }
    log->ring[head & (log->slots - 1)] = *message;
    // Sequentially consistent, against the look at `sleeping`.
    atomic_store(&log->head, head + 1);
    wake_writer(log);
    return true;
}

static uint64_t durable(void *ctx)
{
    raw_log *log = ctx;
    return atomic_load_explicit(&log->durable, memory_order_acquire);
}

static uint64_t commits(void *ctx)
{
    raw_log *log = ctx;
    return atomic_load_explicit(&log->commits, memory_order_relaxed);
}

/* Each publisher has one message under way, so that the ring is never full. */
static void publish(void *ctx, load_message *message)
{
    raw_log *log = ctx;
    word *own = &log->publishers[message->publisher].value;
    const uint32_t before = atomic_load(own);
    uint64_t place = atomic_fetch_add(&log->head, 1);
    message->head.seq = place + 1;
    log->ring[place & (log->slots - 1)] = *message;
    atomic_store(&log->ready[place & (log->slots - 1)], place + 1);
    wake_writer(log);
    while (atomic_load(own) == before) {
        futex_wait(own, before);
    }
}

/* Takes the space: written once, because the first write to space that was only reserved changes
 * metadata, and synced. In small pieces: the page cache then works on small pages, too. */
static void prepare_file(const raw_log *log, uint64_t size)
{
    static const unsigned char zeros[PREPARE_BYTES];
    if (posix_fallocate(log->fd, 0, (off_t)size) != 0) {
        bench_fail("raw: %s: no space for %llu bytes", log->options.path, (unsigned long long)size);
    }
    for (uint64_t at = 0; at < size; at += sizeof zeros) {
        if (pwrite(log->fd, zeros, sizeof zeros, (off_t)at) != (ssize_t)sizeof zeros) {
            bench_fail("raw: %s: %s", log->options.path, strerror(errno));
        }
    }
    if (fsync(log->fd) != 0) {
        bench_fail("raw: fsync: %s", strerror(errno));
    }
}

/* From here on, or until here, past the page cache, which keeps nothing of the file. */
static void set_direct(const raw_log *log, bool is_direct)
{
    const int flags = fcntl(log->fd, F_GETFL);
    if (flags < 0 || posix_fadvise(log->fd, 0, 0, POSIX_FADV_DONTNEED) != 0 ||
        fcntl(log->fd, F_SETFL, is_direct ? flags | O_DIRECT : flags & ~O_DIRECT) != 0) {
        bench_fail("raw: %s: not past the page cache", log->options.path);
    }
}

/* Opens the file; one that an earlier run has left is written over. */
static void open_file(raw_log *log)
{
    struct stat info;
    const uint64_t size = (log->options.messages * LOAD_BYTES + BLOCK - 1) / BLOCK * BLOCK;
    log->fd = open(log->options.path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (log->fd < 0 || fstat(log->fd, &info) != 0) {
        bench_fail("raw: %s: %s", log->options.path, strerror(errno));
    }
    if (!log->options.grows && (uint64_t)info.st_size < size) {
        prepare_file(log, size);
    }
    if (log->options.is_direct) {
        set_direct(log, true);
    }
}

/* Memory of the ring; where it goes past the page cache in large pages, as Tutti's. */
static load_message *new_ring(uint64_t bytes, bool is_direct)
{
    const size_t size = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    load_message *ring = aligned_alloc(LARGE_PAGE, size);
    if (ring != NULL && is_direct) {
        (void)madvise(ring, size, MADV_HUGEPAGE);
    }
    return ring;
}

raw_log *raw_open(const raw_options *options)
{
    raw_log *log = aligned_alloc(128, (sizeof *log + 127) & ~(size_t)127);
    if (log == NULL) {
        bench_fail("no memory");
    }
    memset(log, 0, sizeof *log);
    log->options = *options;
    const uint64_t ring_bytes =
        options->batch_bytes > RING_BYTES_MIN / 2 ? options->batch_bytes * 2 : RING_BYTES_MIN;
    log->slots = ring_bytes / LOAD_BYTES;
    log->ring = new_ring(ring_bytes, options->is_direct);
    log->ready = calloc(log->slots, sizeof *log->ready);
    if (log->ring == NULL || log->ready == NULL) {
        bench_fail("no memory");
    }
    memset(log->ring, 0, ring_bytes);
    open_file(log);
    if (pthread_create(&log->writer, NULL, write_on, log) != 0) {
        bench_fail("no thread for the raw log");
    }
    return log;
}

pipe_log raw_pipe(raw_log *log)
{
    return (pipe_log){
        .name = "raw",
        .ctx = log,
        .append = append,
        .durable = durable,
        .publish = publish,
        .commits = commits,
        .window = log->options.batch_bytes / LOAD_BYTES * 2};
}

static void check_file(const raw_log *log, uint64_t count)
{
    static load_message messages[1024];
    load_check check = {0};
    for (uint64_t at = 0; at < count;) {
        uint64_t some = count - at < 1024 ? count - at : 1024;
        size_t size = some * LOAD_BYTES;
        if (pread(log->fd, messages, size, (off_t)(at * LOAD_BYTES)) != (ssize_t)size) {
            bench_fail("raw: the file cannot be read back");
        }
        for (uint64_t i = 0; i < some; i++) {
            load_take(&check, "raw", &messages[i], LOAD_BYTES);
        }
        at += some;
    }
    load_expect(&check, "raw", count);
}

void raw_close(raw_log *log, uint64_t count)
{
    atomic_store(&log->is_over, true);
    atomic_store(&log->sleeping, 0);
    futex_wake(&log->sleeping);
    pthread_join(log->writer, NULL);
    if (atomic_load(&log->durable) != count) {
        bench_fail("raw: another number of messages is durable");
    }
    if (log->options.is_direct) {
        set_direct(log, false);
    }
    check_file(log, count);
    if (fdatasync(log->fd) != 0) { // What was not synced is not left to the next run.
        bench_fail("raw: fdatasync: %s", strerror(errno));
    }
    close(log->fd);
    free(log->ring);
    free(log->ready);
    free(log);
}
