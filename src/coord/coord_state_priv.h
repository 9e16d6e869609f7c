/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the coordinator: its state.
 *
 * Invariants:
 *  1. All state that a message can change lies in the regions below, without pointers or padding.
 *  2. At most one call is in flight for a slot (task, symbol); state->in_flight counts them.
 *  3. A slot is in the waiting list exactly while its state is WAITING; the list is in the order in
 *     which the slots came due.
 *  4. What one symbol's agents say is kept with that symbol alone.
 *  5. Nothing but COORD_EVENT_RELEASE leaves HALTED, and it leads to PAUSED.
 *  6. What calls in flight may cost at most is reserved; spent and reserved of a day never exceed a
 *     budget by what is reserved anew.
 *  7. A case holds at most one reservation and one timer; NONE holds neither.
 */
#ifndef TT_COORD_COORD_STATE_PRIV_H
#define TT_COORD_COORD_STATE_PRIV_H

#include "coord/coord.h"

/** Kinds of our timers. */
enum {
    COORD_TIMER_DUE,      /**< Subject: slot. A turn of a schedule. */
    COORD_TIMER_TIMEOUT,  /**< Subject: slot. The call in flight is given up. */
    COORD_TIMER_GRACE,    /**< Subject: key. A bar that was awaited did not come. */
    COORD_TIMER_CLOSING,  /**< Subject: 0. Are the positions flat that must be? */
    COORD_TIMER_ARBITER,  /**< Subject: key. The arbiter that was asked is given up. */
    COORD_TIMER_APPROVAL, /**< Subject: key. Nobody approved in time. */
    COORD_TIMER_PATIENCE, /**< Subject: slot. It has waited long enough for other tasks. */
    COORD_TIMER_DAY,      /**< Subject: 0. The day of a daily loss is over. */
    COORD_TIMER_HOLD,     /**< Subject: key. Entries of the symbol may go on. */
    COORD_TIMER_OUTAGE,   /**< Subject: part. Its outage counts no longer. */
    COORD_TIMER_HEALTH,   /**< Subject: 0. Time for the health check. */
    COORD_TIMER_QUIET,    /**< Subject: 0. No failure for some time. */
};

/** Events of the coordinator's own machine. */
enum {
    COORD_EVENT_PAUSE,
    COORD_EVENT_RESUME,
    COORD_EVENT_HALT,
    COORD_EVENT_RELEASE
};

/** Why the coordinator is paused or halted, as bits: who may end it depends on that. */
enum {
    COORD_CAUSE_PERSON = 1,
    COORD_CAUSE_DAY = 2,    /**< A loss of the day: may end with it (resume_next_day). */
    COORD_CAUSE_BREAKER = 4 /**< Any other breaker. */
};

/** States and events of one slot. */
enum {
    COORD_SLOT_IDLE,
    COORD_SLOT_WAITING,
    COORD_SLOT_IN_FLIGHT
};
enum {
    COORD_SLOT_DUE,
    COORD_SLOT_FORCE,
    COORD_SLOT_CALL,
    COORD_SLOT_DROP,
    COORD_SLOT_ANSWER,
    COORD_SLOT_FAIL,
    COORD_SLOT_TIMEOUT,
    COORD_SLOT_RECOVER,
};

/** States and events of a conflict that arbiters settle. */
enum {
    COORD_CASE_NONE,
    COORD_CASE_ASKING,  /**< An arbiter has been asked. */
    COORD_CASE_WAITING, /**< For a person. */
};
enum {
    COORD_CASE_ASK,
    COORD_CASE_ESCALATE,
    COORD_CASE_END,
};

/** Accounts of the budget: all together, one a task, one an arbiter. */
enum {
    COORD_ACCOUNT_ALL,
    COORD_ACCOUNT_TASK,
    COORD_ACCOUNT_ARBITER = COORD_ACCOUNT_TASK + TT_task_COUNT,
    COORD_ACCOUNTS = COORD_ACCOUNT_ARBITER + TT_ARBITERS_MAX
};

/** What kind of failure counts: no usable answer came, or one came that cannot be used. */
typedef enum tt_coord_failure {
    COORD_FAILURE_API,
    COORD_FAILURE_LLM,
    COORD_FAILURE_ORDER /**< An order failed. */
} tt_coord_failure;

/** What the coordinator is asked to do with a signal, given the position. */
typedef enum tt_coord_intent {
    COORD_INTENT_ENTRY,
    COORD_INTENT_CLOSE,
    COORD_INTENT_NOTHING
} tt_coord_intent;

// A byte that nobody wrote would make two equal states differ: no padding in regions.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/** What calls cost on one UTC day. */
typedef struct tt_coord_account {
    tt_money spent;    /**< On `day`. */
    tt_money reserved; /**< By calls in flight. */
    int64_t day;       /**< Days since 1970; of `spent`. */
    int64_t told_day;  /**< Day + 1 on which the end of the budget was told last. */
    uint64_t refused;  /**< Calls that were not made. */
    uint64_t reserved_2;
} tt_coord_account;

/** One task of one symbol. */
typedef struct tt_coord_slot {
    tt_money held;            /**< Of the budget, for the call in flight. */
    tt_money given_up_charge; /**< What the call that was given up last counts as. */
    tt_uuid correlation;      /**< Of the call in flight. */
    tt_time next_due;         /**< ns 0 = no turn planned. */
    tt_time last_run;         /**< When a turn last led to a call; ns 0 = never. */
    tt_time prior_run;        /**< last_run before the call in flight. */
    tt_time last_success;     /**< When an answer was last accepted. */
    tt_time deadline;         /**< Of the call in flight. */
    tt_time last_end;         /**< When a call last ended, however. */
    tt_seq call_seq;          /**< In flight; 0 = none. */
    tt_seq given_up_seq;      /**< Call that timed out or was dropped last. */
    tt_seq indicators_seq;    /**< What the call in flight showed; so the next three. */
    tt_seq ta_seq;
    tt_seq regime_seq;
    tt_seq sentiment_seq;
    tt_timer_id due_timer;
    tt_timer_id timeout_timer;
    tt_timer_id patience_timer;
    uint64_t runs;
    uint64_t errors;
    uint64_t skipped;
    uint64_t heard;   /**< calls_ended when its turn last came while skipped. */
    uint32_t attempt; /**< Of the call in flight or to come: 1 = first. */
    uint8_t state;
    uint8_t is_forced;
    uint8_t is_impatient; /**< Waits for no other task any more. */
    uint8_t is_missing;   /**< Found so by the last health check. */
} tt_coord_slot;

/** Memory of the regime of one symbol. */
typedef struct tt_coord_hysteresis {
    uint32_t count; /**< Consecutive detections of the candidate. */
    uint8_t regime; /**< In force. */
    uint8_t candidate;
    uint8_t is_known; /**< A first regime was accepted. */
    uint8_t reserved;
} tt_coord_hysteresis;

/** What is known of one symbol: the latest outputs of its agents, and its position. */
typedef struct tt_coord_symbol {
    tt_ratio ta_confidence;
    tt_ratio sentiment_confidence;
    tt_ratio regime_confidence;
    tt_ratio size_multiplier;    /**< Of the regime in force. */
    tt_ratio decided_confidence; /**< Of the last decision; so the next three. */
    tt_qty position_qty; /**< Signed; 0 = flat. In hedging: all that is held, long and short. */
    tt_qty long_qty;     /**< In hedging; so the next one, below 0. */
    tt_qty short_qty;
    tt_qty reduce_to;      /**< What may stay of it, while is_reducing. */
    tt_seq indicators_seq; /**< 0 = none yet; so the next four. */
    tt_seq ta_seq;
    tt_seq regime_seq;
    tt_seq sentiment_seq;
    tt_seq position_seq;
    tt_seq decided_seq;
    tt_time decided_time;
    tt_time bar_close; /**< End of the bar that the indicators belong to. */
    tt_time ta_time;
    tt_time regime_time;
    tt_time sentiment_time;
    tt_time warm_from;  /**< When its indicators became warm. */
    tt_time hold_until; /**< No entries until then; ns 0 = no hold. */
    tt_timer_id grace_timer;
    tt_timer_id hold_timer;
    tt_coord_hysteresis hysteresis;
    uint32_t order_errors; /**< Orders that failed in a row. */
    uint8_t ta_bias;
    uint8_t sentiment_bias;
    uint8_t regime;
    uint8_t strictness;
    uint8_t max_leverage;
    uint8_t is_warm;
    uint8_t closing;     /**< exit_reason of a close that is not confirmed; 0 = none. */
    uint8_t is_reducing; /**< A reduction is not confirmed. */
    uint8_t is_hedging;  /**< A long and a short position can stand side by side. */
    uint8_t decided_side;
    uint8_t held_regime; /**< Regime that the open position was last judged in. */
    uint8_t is_review;   /**< The position must be judged anew. */
    uint8_t is_silent;   /**< It has no market data: no entries. */
    uint8_t reserved[15];
} tt_coord_symbol;

/** The conflict of one symbol that arbiters or a person settle; at most one a symbol. */
typedef struct tt_coord_case {
    tt_conflict_decision decision; /**< What will be published at the end. */
    tt_trading_signal signal;      /**< Without its votes. */
    tt_ratio confidence;           /**< After consensus. */
    tt_money reserved;             /**< Of the budget, for the call in flight. */
    tt_money given_up_charge;      /**< What the call that was given up last counts as. */
    tt_uuid correlation;           /**< Of the signal. */
    tt_seq call_seq;               /**< In flight; 0 = none. */
    tt_seq given_up_seq;
    tt_seq proposal_seq; /**< Of the trade that the fields above describe; 0 = none. */
    tt_time deadline;    /**< For all arbiters together. */
    tt_timer_id timer;
    uint8_t state;
    uint8_t arbiter;          /**< Place in the chain. */
    uint8_t given_up_arbiter; /**< Whose account a late answer corrects. */
    uint8_t side;
    uint8_t is_review;   /**< About a position, not a trade. */
    uint8_t is_accepted; /**< What risk takes is accepted. */
    uint8_t is_opposed;  /**< As the trade was proposed first. */
    uint8_t reserved_2;
} tt_coord_case;

/** What each source of signals holds; a region of its own. */
typedef struct tt_coord_parts {
    uint32_t sources[TT_SUB_ACCOUNTS_MAX]; /**< [0] is the house: what no source stands for. */
    uint8_t is_told;                       /**< The parts are published. */
    uint8_t reserved[15];
    /** Signed; by symbol, then netting or long, and short. */
    tt_qty held[TT_INSTRUMENTS_MAX][2][TT_SUB_ACCOUNTS_MAX];
} tt_coord_parts;
_Static_assert(
    sizeof(tt_coord_parts) ==
        4 * TT_SUB_ACCOUNTS_MAX + 16 + 32 * TT_INSTRUMENTS_MAX * TT_SUB_ACCOUNTS_MAX,
    "no padding");

/** A part that may be down. */
typedef struct tt_coord_outage {
    tt_timer_id hold_timer; /**< Runs after its end. */
    uint8_t is_down;
    uint8_t counts; /**< Towards the degradation. */
    uint8_t reserved[6];
} tt_coord_outage;

/** Everything that is not of one slot or symbol. */
typedef struct tt_coord_state {
    tt_seq account_seq;
    tt_timer_id closing_timer;
    tt_dur closing_delay; /**< Until the next look at what must be flat. */
    tt_timer_id day_timer;
    tt_timer_id health_timer;
    tt_timer_id quiet_timer;
    tt_time healthy_from; /**< Nothing is missed before. */
    tt_coord_outage outages[TT_part_COUNT];
    tt_seq recovered_seq; /**< Restart that was handled last. */
    uint64_t task_runs;
    uint64_t signals;
    uint64_t holds;
    uint64_t signals_dropped;
    uint64_t entries_suppressed;
    uint64_t conflicts_detected;
    uint64_t conflicts_resolved;
    uint64_t trades_routed;
    uint64_t late_answers;
    uint64_t refused_answers;
    uint64_t calls_deferred;
    uint64_t calls_ended;
    uint64_t close_requests;
    uint32_t in_flight;
    uint32_t flights[TT_task_COUNT]; /**< in_flight by task. */
    uint32_t waiting_count;
    uint32_t llm_failures;
    uint32_t api_failures;
    uint32_t order_failures;  /**< Orders that failed. */
    uint32_t successes;       /**< Since the last failure or the last one taken off. */
    uint32_t order_successes; /**< The same of orders. */
    uint8_t state;            /**< tt_coordinator_state */
    uint8_t degradation;      /**< tt_degradation */
    uint8_t is_active;        /**< Between start and stop of a session. */
    uint8_t is_started;       /**< Schedules were set up once. */
    uint8_t is_watching;      /**< Halted with close: whatever opens is closed again. */
    uint8_t is_unarmed;       /**< Some turn found no timer. */
    uint8_t enabled[TT_task_COUNT];
    uint8_t causes; /**< Of a pause or a halt: all since the coordinator ran. */
    uint8_t reserved[4];
} tt_coord_state;

#pragma GCC diagnostic pop

/** The module: wiring, configuration, and where its regions are. */
struct tt_coord {
    tt_core *core;
    tt_bus *bus;
    tt_coord_config config;
    tt_sm machines[TT_COORD_MACHINE_COUNT];
    tt_coord_state *state;      /**< Region. */
    tt_coord_slot *slots;       /**< Region; see tt_coord_slot_find. */
    tt_coord_symbol *symbols;   /**< Region; [i] is instrument i + 1. */
    uint16_t *waiting;          /**< Region: slots in the order in which they came due. */
    tt_sm_counts *counts;       /**< Region; one a machine. */
    tt_coord_case *cases;       /**< Region; [i] is instrument i + 1. */
    tt_coord_parts *parts;      /**< Region. */
    tt_coord_account *accounts; /**< Region; COORD_ACCOUNTS. */
    uint32_t symbol_count;
    uint32_t slot_count;
    uint32_t related[TT_RELATED_SYMBOLS_MAX][2]; /**< Keys of coordinator.related_symbols. */
    uint8_t depends[TT_task_COUNT]; /**< Bit n: task n must have run; from the configuration. */
    uint8_t required;               /**< Bit n: the health check misses task n. */
};

#define COORD_NO_SLOT UINT32_MAX

#endif
