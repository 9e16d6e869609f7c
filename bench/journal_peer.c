/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Driving a durable store of another project, and checking what it kept.
 */
#include "journal_peer.h"

#include "bench.h"
#include "watch.h"

#include <string.h>

enum {
    BATCH_MAX = 4096
};

static load_message batch_messages[BATCH_MAX];

static void commit_next(const peer_store *peer, uint64_t done, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        load_fill(&batch_messages[i], done + i + 1, 0, done + i + 1);
    }
    peer->commit(peer->ctx, batch_messages, count);
}

static void check_all(const peer_store *peer, uint64_t count)
{
    load_check check = {0};
    peer->read(peer->ctx, &check);
    load_expect(&check, peer->name, count);
}

static void demand_batch(uint32_t batch)
{
    if (batch == 0 || batch > BATCH_MAX) {
        bench_fail("a batch of %u messages", batch);
    }
}

void peer_saturated(const peer_store *peer, uint32_t batch, double seconds, load_result *result)
{
    static tt_histogram histogram;
    watch_span watch;
    uint64_t done = 0, commits = 0;
    demand_batch(batch);
    tt_histogram_reset(&histogram);
    watch_start(&watch, peer->server);
    const int64_t start = bench_ns();
    int64_t now = start;
    while ((double)(now - start) < seconds * 1e9) {
        commit_next(peer, done, batch);
        const int64_t before = now;
        now = bench_ns();
        tt_histogram_record(&histogram, (uint64_t)(now - before));
        done += batch;
        commits++;
    }
    const double elapsed = (double)(now - start) / 1e9;
    load_percentiles(result, &histogram);
    result->rate = (double)done / elapsed;
    result->commits_per_s = (double)commits / elapsed;
    result->foreign = watch_foreign(&watch);
    check_all(peer, done);
}

void peer_offered(
    const peer_store *peer, double rate, uint32_t batch, double seconds, load_result *result)
{
    static tt_histogram histogram;
    watch_span watch;
    const uint64_t count = (uint64_t)(rate * seconds);
    const double period_ns = 1e9 / rate;
    uint64_t done = 0, commits = 0, behind = 0;
    demand_batch(batch);
    tt_histogram_reset(&histogram);
    watch_start(&watch, peer->server);
    const int64_t start = bench_ns();
    int64_t now = start;
    while (done < count && (double)behind < rate) {
        uint64_t due = (uint64_t)((double)(now - start) / period_ns) + 1;
        due = due < count ? due : count;
        if (due > done) {
            uint32_t some = due - done < batch ? (uint32_t)(due - done) : batch;
            commit_next(peer, done, some);
            now = bench_ns();
            for (uint32_t i = 0; i < some; i++) {
                int64_t at = start + (int64_t)((double)(done + i) * period_ns);
                tt_histogram_record(&histogram, (uint64_t)(now - at));
            }
            done += some;
            commits++;
            behind = (uint64_t)((double)(now - start) / period_ns) - done;
            behind = done >= count ? 0 : behind;
        }
        now = bench_ns();
    }
    const double elapsed = (double)(now - start) / 1e9;
    load_percentiles(result, &histogram);
    result->rate = (double)done / elapsed;
    result->commits_per_s = (double)commits / elapsed;
    result->foreign = watch_foreign(&watch);
    check_all(peer, done);
}
