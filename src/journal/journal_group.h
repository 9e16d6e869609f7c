/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Group commit as a service: any number of threads append, one thread of its own commits.
 *
 * What arrives while a commit is being written and synced gathers in a second buffer and is the
 * next commit: under load the disk sets the pace, and nobody waits for a timer. Who needs to know
 * that a message is durable keeps the ticket of its append (the number of its last message) and
 * waits for it, or looks at tt_journal_group_durable.
 *
 * Everything is bounded: what waits fits into one buffer of TT_JOURNAL_GROUP_BUFFER bytes while
 * another one is written. When it is full an append waits as long as it may, and then says
 * TUTTI_BUSY or TUTTI_TIMEOUT. A thread that waits for a ticket is woken once, when its commit is
 * durable.
 *
 * The first failure of the journal closes everything for everyone: appends and waits return its
 * status from then on. A failed sync is never repeated.
 */
#ifndef TT_JOURNAL_JOURNAL_GROUP_H
#define TT_JOURNAL_JOURNAL_GROUP_H

#include "journal/journal.h"

/** For the parameter timeout_ns: without end. 0 = do not wait at all. */
#define TT_WAIT_FOREVER INT64_MAX
/** Bytes of steps that may wait for the next commit, and the most that one commit seals. */
#define TT_JOURNAL_GROUP_BUFFER TT_JOURNAL_STEP_MAX

typedef struct tt_journal_group tt_journal_group;

/** How commits are grouped; zero = default. The durability is that of the writer. */
typedef struct tt_journal_group_options {
    int64_t batch_ns;   /**< Longest that a message waits for company before its commit begins. 0 =
                         * not   at all: whatever arrived during the last flush is the next commit,
                         * which is   what durability `always` wants, and `batch` under load. */
    size_t batch_bytes; /**< So many waiting bytes begin a commit at once. 0 = half a buffer. */
    /** Told after each commit, by the committing thread. NULL = nobody. */
    void (*on_commit)(void *ctx, const tt_journal_end *end);
    void *ctx;
} tt_journal_group_options;

/** Counters since the start. */
typedef struct tt_journal_group_stats {
    uint64_t messages;   /**< Appended. */
    uint64_t steps;      /**< Appended. */
    uint64_t bytes;      /**< Appended, of steps. */
    uint64_t commits;    /**< Written (and synced). */
    uint64_t full;       /**< Appends that met a full buffer. */
    uint64_t refused;    /**< Appends that were not taken: full, invalid, stopped, failed. */
    uint64_t waits;      /**< Waits that had to sleep. */
    uint64_t bytes_high; /**< Most bytes that one commit sealed. */
} tt_journal_group_stats;

/** How a service ended. */
typedef struct tt_journal_group_report {
    tt_seq appended;     /**< Last number handed out. */
    tt_seq durable;      /**< Last number that is durable. What lies between is not. */
    uint64_t lost;       /**< Messages that were appended and did not become durable. */
    tutti_status status; /**< TUTTI_OK, TUTTI_TIMEOUT, or the failure of the journal. */
    tt_journal_end end;  /**< After the last commit. */
} tt_journal_group_report;

/** Starts the service on a fresh writer, which it owns from then on, also when the start fails.
 * @retval TUTTI_NO_MEMORY also when the system gives no thread. @thread{setup} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_journal_group_start(
    tt_journal_writer *writer,
    const tt_journal_group_options *options,
    tt_journal_group **result,
    tt_error *error);

/** Appends one message as a step of its own. Its number is the next one: `head->seq` is not looked
 * at; everything else is taken as it stands, `head->size` bytes of payload included. `ret_ticket`
 * gets the number.
 * @retval TUTTI_BUSY no room, and `timeout_ns` is 0. @retval TUTTI_TIMEOUT no room in time.
 * @retval TUTTI_INVALID the journal does not take such a message. @retval TUTTI_STATE stopped.
 * Otherwise the status of the failure that ended the journal. @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_journal_group_append(
    tt_journal_group *group,
    const tt_msg *head,
    const void *payload,
    int64_t timeout_ns,
    tt_seq *ret_ticket);
/** Appends a whole step whose messages have their numbers: for the one thread that gives all of
 * them (a sequencer). @retval TUTTI_INVALID also when the numbers do not continue. Otherwise as
 * tt_journal_group_append; TUTTI_LIMIT as tt_journal_append. @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_journal_group_append_step(
    tt_journal_group *group, const void *step, size_t size, int64_t timeout_ns, tt_seq *ret_ticket);

/** Number of the last message that is durable (with durability `none`: written). @thread{any} */
tt_seq tt_journal_group_durable(const tt_journal_group *group);
/** Waits until `ticket` is durable. @retval TUTTI_BUSY it is not, and `timeout_ns` is 0.
 * @retval TUTTI_TIMEOUT it was not in time. @retval TUTTI_INVALID no such ticket was handed out.
 * Otherwise the status of the failure that ended the journal before, or TUTTI_STATE: stopped before
 * it was reached. @thread{any} @blocks{until durable} */
TUTTI_NODISCARD tutti_status
tt_journal_group_wait(tt_journal_group *group, tt_seq ticket, int64_t timeout_ns);
/** Begins the commit of what waits, without regard to the bounds of `batch`. @thread{any} */
void tt_journal_group_flush(tt_journal_group *group);
/** @thread{any} */
void tt_journal_group_stats_get(tt_journal_group *group, tt_journal_group_stats *ret_stats);
/** What ended the journal; TUTTI_OK while it works. `error` (may be NULL) gets the words.
 * @thread{any} */
tutti_status tt_journal_group_failure(tt_journal_group *group, tt_error *error);

/** Takes no more appends, commits what was taken, and joins the thread, within `timeout_ns`. A
 * flush that hangs in the system cannot be taken back: then the report says what is not durable,
 * the thread ends when the system lets it, and only tt_journal_group_free waits for it.
 * @retval TUTTI_TIMEOUT, or the status of the failure that ended the journal. Calling it again
 * gives the same answer, or a better one. @thread{any} @blocks{timeout_ns} */
TUTTI_NODISCARD tutti_status tt_journal_group_stop(
    tt_journal_group *group, int64_t timeout_ns, tt_journal_group_report *ret_report);
/** Stops without a limit of time, closes the journal (see tt_journal_close), frees all. No other
 * thread may use the service any more. NULL is fine. @thread{owner} @blocks{disk} */
void tt_journal_group_free(tt_journal_group *group);

#endif
