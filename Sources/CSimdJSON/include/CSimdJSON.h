#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A reader of JSON records of one shape, over simdjson. One owner at a time; it owns all memory it hands out.
///
/// A shape names the fields of the record that are wanted, and the fields of the objects inside its arrays. Every
/// other field is read past, but checked: the whole record must be JSON.
typedef struct json_reader json_reader;

/// What a value is.
typedef enum json_kind : uint8_t {
    json_kind_missing = 0,
    json_kind_null,
    json_kind_bool,
    json_kind_number,
    json_kind_string,
    json_kind_array,
    json_kind_object
} json_kind;

/// One value. `text` is a string without its escapes, or the exact text of a number or of true and false; NULL for
/// any other kind. Good until the reader reads again.
typedef struct json_value {
    const uint8_t *text;
    uint32_t length;
    json_kind kind;
    /// The string holds U+0000, or half of a surrogate pair (written as three bytes): not text for a database.
    bool is_unstorable;
} json_value;

enum { json_fields_max = 8, json_element_fields_max = 4 };

/// One element of an array among the wanted fields.
typedef struct json_element {
    /// The element itself.
    json_value value;
    /// The wanted fields of an element that is an object, in the order of the shape.
    json_value fields[json_element_fields_max];
    /// The array: an index into the fields of the shape.
    uint32_t array;
    /// The position in that array, from 0.
    uint32_t index;
} json_element;

/// One key that comes more than once in one object. Each key is told once an object.
typedef struct json_duplicate {
    /// The key, without escapes. For an object nested deeper: the key of the record's (or the element's) field that
    /// holds it.
    const uint8_t *key;
    uint32_t key_length;
    /// The array and the position of the element it is in; UINT32_MAX for the record's own object.
    uint32_t array;
    uint32_t index;
    /// The index of the wanted field; UINT32_MAX for any other.
    uint32_t field;
    /// Whether the object is nested deeper than the record's own and its elements.
    bool is_nested;
} json_duplicate;

/// How reading ended.
typedef enum json_status : uint8_t {
    json_status_ok = 0,
    /// No value, only white space or nothing.
    json_status_empty,
    json_status_not_utf8,
    /// Something that is not allowed there.
    json_status_unexpected,
    json_status_bad_number,
    json_status_bad_literal,
    json_status_bad_escape,
    json_status_control_character,
    json_status_unclosed_string,
    /// The record ends too early.
    json_status_truncated,
    json_status_trailing_content,
    json_status_too_deep,
    json_status_too_large,
    json_status_no_memory
} json_status;

/// One record. All of it is good until the reader reads again.
typedef struct json_record {
    json_status status;
    /// The byte where reading stopped; UINT64_MAX when that is not known.
    uint64_t error_offset;
    /// What the record is as a whole. Only an object has fields.
    json_kind kind;
    /// Whether SQLite's json_valid and PostgreSQL's jsonb both take the record.
    bool is_portable;
    /// The wanted fields, in the order of the shape. Of a key that comes twice, the last.
    json_value fields[json_fields_max];
    /// The elements of all arrays among the wanted fields, in order, at most `elements_max` of each array.
    const json_element *elements;
    size_t element_count;
    /// The number of elements that each array among the wanted fields really has.
    uint32_t array_counts[json_fields_max];
    /// At most 4,096.
    const json_duplicate *duplicates;
    size_t duplicate_count;
} json_record;

/// Makes a reader. Field names are C strings, at most json_fields_max and json_element_fields_max; they are copied.
/// NULL when there is no memory, or too many names.
json_reader *json_reader_create(
    const char *const *fields, size_t field_count, const char *const *element_fields, size_t element_field_count,
    uint32_t elements_max);

/// Frees the reader and all that it handed out.
void json_reader_destroy(json_reader *reader);

/// Reads one record. The bytes are copied and need no padding. Never fails otherwise than by the record's status.
const json_record *json_reader_read(json_reader *reader, const void *bytes, size_t length);

#ifdef __cplusplus
}
#endif
