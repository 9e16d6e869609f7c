/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The catalogue of topics as documentation.
 */
#ifndef TT_MODEL_TOPICS_REFERENCE_H
#define TT_MODEL_TOPICS_REFERENCE_H

#include "base/text.h"

/** Appends the catalogue in Markdown: head of a message, topics, payloads with every field,
 * enumerations, sources. docs/spec/topics.md is this text. @thread{any} @alloc{never} */
void tt_topics_reference(tt_text_buf *text);

#endif
