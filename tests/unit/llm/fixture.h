/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Providers that say what a test wants them to, and one call of an agent that several of them
 * answer.
 */
#ifndef TT_TESTS_LLM_FIXTURE_H
#define TT_TESTS_LLM_FIXTURE_H

#include "../../lib/test.h"
#include "llm/llm.h"
#include "llm/llm_record.h"

#include <stdatomic.h>

enum {
    MODELS = 6
};

/** What provider i, "v<i>" with the model "m<i>", says: NULL = it breaks; else members of its
 * answer. */
extern const char *sayings[MODELS];
/** Why, of all of them; "so" at first. */
extern const char *reasoning;
/** Calls so far. */
extern atomic_int calls;
extern tt_llm_module_config config;
extern tt_coord_config coord;
extern tt_instruments instruments;
/** Where records are kept, and prompts. */
extern char folder[64];

/** Providers with prices of 1 and 10 a million, so that an answer costs 0.0011; they all break. */
void set_up_models(void);
void tear_down_models(void);
/** Writes a prompt of 18 bytes into the folder: "decide", and the symbol. */
void write_prompt(const char *name, char *ret_path, size_t size);
/** One call of an agent, with or without a record, or out of one. */
tt_agent_answer call_agent(tt_agent agent, bool records, bool replays, const char *budget);
void assert_dec(tt_dec value, const char *expected);

#endif
