/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Carriers of other libraries, as far as they are installed. All are polled, so that none is
 * measured asleep while the others spin; nng hands work to threads of its own and sleeps there.
 */
#include "handoff_loops.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef BENCH_HAS_CK
#include <ck_ring.h>

/** Pointers to payloads that are used in turn; more of them than the ring holds. */
enum {
    CK_POOL = HANDOFF_QUEUE * 2
};
struct ck_channel {
    ck_ring_t ring;
    uint32_t producers;
    uint32_t size;
    ck_ring_buffer_t *buffer;
    struct {
        _Alignas(128) unsigned char *pool;
        uint64_t next;
    } producer[HANDOFF_PRODUCERS_MAX];
    _Alignas(128) void *taken;
};

static void *ck_open(uint32_t size, uint32_t producers)
{
    struct ck_channel *channel = aligned_alloc(128, sizeof *channel);
    memset(channel, 0, sizeof *channel);
    channel->producers = producers;
    channel->size = size;
    channel->buffer = calloc(HANDOFF_QUEUE, sizeof *channel->buffer);
    ck_ring_init(&channel->ring, HANDOFF_QUEUE);
    for (uint32_t i = 0; i < producers; i++) {
        channel->producer[i].pool = calloc(CK_POOL, size);
    }
    return channel;
}

static void ck_close(void *at)
{
    struct ck_channel *channel = at;
    for (uint32_t i = 0; i < channel->producers; i++) {
        free(channel->producer[i].pool);
    }
    free(channel->buffer);
    free(channel);
}

HANDOFF_INLINE bool ck_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct ck_channel *channel = at;
    uint64_t place = channel->producer[producer].next & (CK_POOL - 1);
    void *payload = channel->producer[producer].pool + place * size;
    memcpy(payload, bytes, size);
    bool is_sent = channel->producers == 1
                       ? ck_ring_enqueue_spsc(&channel->ring, channel->buffer, payload)
                       : ck_ring_enqueue_mpsc(&channel->ring, channel->buffer, payload);
    channel->producer[producer].next += is_sent;
    return is_sent;
}

HANDOFF_INLINE const void *ck_peek(void *at)
{
    struct ck_channel *channel = at;
    bool is_there = channel->producers == 1
                        ? ck_ring_dequeue_spsc(&channel->ring, channel->buffer, &channel->taken)
                        : ck_ring_dequeue_mpsc(&channel->ring, channel->buffer, &channel->taken);
    return is_there ? channel->taken : NULL;
}

HANDOFF_INLINE void ck_release(void *at)
{
    (void)at;
}

HANDOFF_CARRIER(ck, "Concurrency Kit ring", false);
#endif

#ifdef BENCH_HAS_URCU
#include <urcu/wfcqueue.h>

/** Messages in a queue without a bound are bounded here, by a count that is looked at now and then.
 */
enum {
    URCU_LOOK = 256
};
struct urcu_channel {
    struct __cds_wfcq_head head;
    _Alignas(128) struct cds_wfcq_tail tail;
    _Alignas(128) _Atomic uint64_t taken;
    struct cds_wfcq_node *node;
    struct {
        _Alignas(128) _Atomic uint64_t sent;
    } producer[HANDOFF_PRODUCERS_MAX];
    uint32_t producers;
};
struct urcu_message {
    struct cds_wfcq_node node;
    unsigned char bytes[];
};

static void *urcu_open(uint32_t size, uint32_t producers)
{
    struct urcu_channel *channel = aligned_alloc(128, sizeof *channel);
    (void)size;
    memset(channel, 0, sizeof *channel);
    channel->producers = producers;
    __cds_wfcq_init(&channel->head, &channel->tail);
    return channel;
}

static void urcu_close(void *at)
{
    free(at);
}

/** What all producers have sent counts: one that has ended may have sent less than the others. */
static bool urcu_is_full(struct urcu_channel *channel)
{
    uint64_t sent = 0;
    for (uint32_t i = 0; i < channel->producers; i++) {
        sent += atomic_load_explicit(&channel->producer[i].sent, memory_order_relaxed);
    }
    return sent > atomic_load_explicit(&channel->taken, memory_order_relaxed) + HANDOFF_QUEUE;
}

HANDOFF_INLINE bool urcu_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct urcu_channel *channel = at;
    uint64_t sent = atomic_load_explicit(&channel->producer[producer].sent, memory_order_relaxed);
    if (sent % URCU_LOOK == 0 && urcu_is_full(channel)) {
        return false;
    }
    struct urcu_message *message = malloc(sizeof *message + size);
    cds_wfcq_node_init(&message->node);
    memcpy(message->bytes, bytes, size);
    cds_wfcq_enqueue((cds_wfcq_head_ptr_t){._h = &channel->head}, &channel->tail, &message->node);
    atomic_store_explicit(&channel->producer[producer].sent, sent + 1, memory_order_relaxed);
    return true;
}

HANDOFF_INLINE const void *urcu_peek(void *at)
{
    struct urcu_channel *channel = at;
    channel->node =
        __cds_wfcq_dequeue_nonblocking((cds_wfcq_head_ptr_t){._h = &channel->head}, &channel->tail);
    if (channel->node == NULL || channel->node == CDS_WFCQ_WOULDBLOCK) {
        return NULL;
    }
    return ((struct urcu_message *)(void *)channel->node)->bytes;
}

HANDOFF_INLINE void urcu_release(void *at)
{
    struct urcu_channel *channel = at;
    uint64_t taken = atomic_load_explicit(&channel->taken, memory_order_relaxed);
    atomic_store_explicit(&channel->taken, taken + 1, memory_order_relaxed);
    free(channel->node);
}

HANDOFF_CARRIER(urcu, "liburcu wfcqueue + malloc", false);
#endif

#if defined(BENCH_HAS_ZMQ) || defined(BENCH_HAS_NNG)
/** A name for each channel within the process. */
static void name_channel(char *name, size_t size)
{
    static uint32_t count;
    snprintf(name, size, "inproc://handoff%u", count++);
}
#endif

#ifdef BENCH_HAS_ZMQ
#include <zmq.h>

struct zmq_channel {
    void *receiver;
    void *sender[HANDOFF_PRODUCERS_MAX];
    uint32_t producers;
    uint32_t size;
    unsigned char bytes[HANDOFF_SIZE_MAX];
};

static void *zeromq_open(uint32_t size, uint32_t producers)
{
    static void *context;
    int bound = HANDOFF_QUEUE / 2; // sender and receiver each hold that many
    char name[64];
    if (context == NULL) {
        context = zmq_ctx_new();
    }
    struct zmq_channel *channel = calloc(1, sizeof *channel);
    channel->producers = producers;
    channel->size = size;
    name_channel(name, sizeof name);
    channel->receiver = zmq_socket(context, producers == 1 ? ZMQ_PAIR : ZMQ_PULL);
    zmq_setsockopt(channel->receiver, ZMQ_RCVHWM, &bound, sizeof bound);
    int failed = zmq_bind(channel->receiver, name);
    for (uint32_t i = 0; i < producers; i++) {
        channel->sender[i] = zmq_socket(context, producers == 1 ? ZMQ_PAIR : ZMQ_PUSH);
        zmq_setsockopt(channel->sender[i], ZMQ_SNDHWM, &bound, sizeof bound);
        failed |= zmq_connect(channel->sender[i], name);
    }
    if (failed != 0) {
        bench_fail("ZeroMQ: %s", zmq_strerror(zmq_errno()));
    }
    return channel;
}

static void zeromq_close(void *at)
{
    struct zmq_channel *channel = at;
    for (uint32_t i = 0; i < channel->producers; i++) {
        zmq_close(channel->sender[i]);
    }
    zmq_close(channel->receiver);
    free(channel);
}

HANDOFF_INLINE bool zeromq_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct zmq_channel *channel = at;
    return zmq_send(channel->sender[producer], bytes, size, ZMQ_DONTWAIT) == (int)size;
}

HANDOFF_INLINE const void *zeromq_peek(void *at)
{
    struct zmq_channel *channel = at;
    int size = zmq_recv(channel->receiver, channel->bytes, sizeof channel->bytes, ZMQ_DONTWAIT);
    return size == (int)channel->size ? channel->bytes : NULL;
}

HANDOFF_INLINE void zeromq_release(void *at)
{
    (void)at;
}

HANDOFF_CARRIER(zeromq, "ZeroMQ inproc", false);
#endif

#ifdef BENCH_HAS_NNG
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>

struct nng_channel {
    nng_socket receiver;
    nng_socket sender[HANDOFF_PRODUCERS_MAX];
    uint32_t producers;
    uint32_t size;
    unsigned char bytes[HANDOFF_SIZE_MAX];
};

static void check_nng(int error)
{
    if (error != 0) {
        bench_fail("nng: %s", nng_strerror(error));
    }
}

static void *inproc_open(uint32_t size, uint32_t producers)
{
    char name[64];
    struct nng_channel *channel = calloc(1, sizeof *channel);
    channel->producers = producers;
    channel->size = size;
    name_channel(name, sizeof name);
    check_nng((producers == 1 ? nng_pair0_open : nng_pull0_open)(&channel->receiver));
    check_nng(nng_socket_set_int(channel->receiver, NNG_OPT_RECVBUF, HANDOFF_QUEUE));
    check_nng(nng_listen(channel->receiver, name, NULL, 0));
    for (uint32_t i = 0; i < producers; i++) {
        check_nng((producers == 1 ? nng_pair0_open : nng_push0_open)(&channel->sender[i]));
        check_nng(nng_socket_set_int(channel->sender[i], NNG_OPT_SENDBUF, HANDOFF_QUEUE));
        check_nng(nng_dial(channel->sender[i], name, NULL, 0));
    }
    return channel;
}

static void inproc_close(void *at)
{
    struct nng_channel *channel = at;
    for (uint32_t i = 0; i < channel->producers; i++) {
        nng_close(channel->sender[i]);
    }
    nng_close(channel->receiver);
    free(channel);
}

HANDOFF_INLINE bool inproc_send(void *at, uint32_t producer, const void *bytes, uint32_t size)
{
    struct nng_channel *channel = at;
    unsigned char copy[HANDOFF_SIZE_MAX]; // nng takes a buffer that is not const
    memcpy(copy, bytes, size);
    return nng_send(channel->sender[producer], copy, size, NNG_FLAG_NONBLOCK) == 0;
}

HANDOFF_INLINE const void *inproc_peek(void *at)
{
    struct nng_channel *channel = at;
    size_t size = sizeof channel->bytes;
    int error = nng_recv(channel->receiver, channel->bytes, &size, NNG_FLAG_NONBLOCK);
    return error == 0 && size == channel->size ? channel->bytes : NULL;
}

HANDOFF_INLINE void inproc_release(void *at)
{
    (void)at;
}

HANDOFF_CARRIER(inproc, "nng inproc", false);
#endif
