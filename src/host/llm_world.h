/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The world in which language models are called: the network, a clock, and sleep.
 */
#ifndef TT_HOST_LLM_WORLD_H
#define TT_HOST_LLM_WORLD_H

#include "llm/llm.h"

/** The real one. @thread{any} */
extern const tt_llm_world tt_real_llm_world;

#endif
