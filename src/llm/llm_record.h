/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The record of calls: a folder beside the journal, one file a call, named by the SHA-256 of its
 * content with 0 as latency (ADR 110), which the journaled answer carries. A file is on the disk
 * before its answer becomes an input. The journal alone is enough for a replay; the record shows
 * what was asked and said, and lets a run be repeated without any provider.
 */
#ifndef TT_LLM_LLM_RECORD_H
#define TT_LLM_LLM_RECORD_H

#include "base/error.h"
#include "base/text.h"
#include "base/types.h"
#include "model/payloads.h"

/** Bytes of a path here. */
#define TT_LLM_PATH_MAX 1024
/** Hexadecimal digits of a hash, with the NUL. */
#define TT_LLM_HEX_MAX 65

/** One call, as it is recorded. */
typedef struct tt_llm_call {
    tt_seq call_seq;
    const char *provider;
    const char *model;
    tt_slice request;  /**< Body of the request. */
    tt_slice answer;   /**< What the model wrote; empty if nothing came. */
    const char *error; /**< What went wrong; "" = nothing. */
    tt_answer_status status;
    tt_money cost;
    tt_dur latency;
    uint32_t tokens_in;
    uint32_t tokens_out;
    uint32_t attempts;
    int http_code;
} tt_llm_call;

/** Makes the folder. @retval TUTTI_IO and others of the system. @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_llm_record_make(const char *folder, tt_error *error);
/** Writes a call durably; fills `ret_hash`. A file that is there already is the same one.
 * @blocks{disk} @alloc{yes} @thread{any} */
TUTTI_NODISCARD tutti_status tt_llm_record_write(
    const char *folder, const tt_llm_call *call, uint8_t ret_hash[32], tt_error *error);

/** A record in memory, to answer from. */
typedef struct tt_llm_record tt_llm_record;
/** Reads a whole folder; each file must be what its name says. @retval TUTTI_CORRUPT one is not.
 * @blocks{disk} */
TUTTI_NODISCARD tutti_status
tt_llm_record_open(const char *folder, tt_llm_record **result, tt_error *error);
void tt_llm_record_close(tt_llm_record *record);
/** Finds the call of that number to that provider, made with the same request. Texts are
 * @lends{until close}.
 * @retval TUTTI_NOT_FOUND there is none. @retval TUTTI_CORRUPT that call was made with another
 * request: the run is not the one that was recorded. @thread{any} */
TUTTI_NODISCARD tutti_status tt_llm_record_find(
    const tt_llm_record *record,
    tt_seq call_seq,
    const char *provider,
    tt_slice request,
    tt_llm_call *ret_call,
    uint8_t ret_hash[32],
    tt_error *error);

/** Writes a hash as hexadecimal digits. */
void tt_llm_hex(const uint8_t hash[32], char text[TT_LLM_HEX_MAX]);
/** Reads one file of a record for a person: the answer, and what it cost. @retval TUTTI_NOT_FOUND
 * there is no such file. @gives{release with free()} */
TUTTI_NODISCARD tutti_status
tt_llm_record_text(const char *folder, const uint8_t hash[32], char **ret_text, tt_error *error);

#endif
