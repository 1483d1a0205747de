#include "CSimdJSON.h"
#include "scalars.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

// simdjson's first stage does the heavy work with vector instructions: it checks UTF-8 and control characters and
// finds where every value begins. Walking what it found is done here, because simdjson's own second stages either
// turn numbers into floating point (DOM) or leave unread values unchecked (On-Demand), and neither sees a key that
// comes twice. The entry points used (implementation::create_dom_parser_implementation, stage1, structural_indexes)
// are the same from simdjson 3.0 to 4.6.

using retail_json::make_name;
using retail_json::name;

namespace {

// SQLite 3.42 and newer refuse more than 1,000 levels (3.40: 2,000), simdjson more than 1,024.
constexpr size_t depth_max = 1000;
constexpr size_t duplicates_max = 4096;
// As much as a Kafka message can be (message.max.bytes).
constexpr size_t length_max = 1000000000;
constexpr size_t capacity_min = 4096;
constexpr uint32_t none = UINT32_MAX;
// What a jsonb string, array or object holds.
constexpr uint32_t jsonb_length_max = 0x0FFFFFFF;

struct known_name {
    uint8_t text[64];
    name key;
};

// A container that is open while unwanted content is read past.
struct frame {
    bool is_object;
    size_t first_key;
};

// Where an object is, for the telling of duplicates.
struct place {
    uint32_t array = none;
    uint32_t index = 0;
    name holder;
    uint32_t holder_field = none;
    bool is_nested = false;
};

}  // namespace

struct json_reader : retail_json::scalar_reader {
    known_name fields[json_fields_max];
    size_t field_count = 0;
    known_name element_fields[json_element_fields_max];
    size_t element_field_count = 0;
    uint32_t elements_max = 0;

    std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
    std::unique_ptr<uint8_t[]> input;      // the record, padded
    std::unique_ptr<uint8_t[]> unescaped;  // strings that had escapes; never longer than the record
    size_t capacity = 0;

    std::vector<json_element> elements;
    std::vector<json_duplicate> duplicates;
    std::vector<frame> frames;
    std::vector<name> keys;  // of the objects that are open

    // MARK: Objects

    void add_duplicate(const place &where, const name &key, uint32_t field) {
        if (duplicates.size() >= duplicates_max) { return; }
        const name &told = where.is_nested ? where.holder : key;
        duplicates.push_back({told.text, told.length, where.array, where.index,
                              where.is_nested ? where.holder_field : field, where.is_nested});
    }

    // Tells the keys that come more than once among those of the object that is closed now.
    void close_keys(size_t first, const place &where) {
        const auto begin = keys.begin() + ptrdiff_t(first);
        const size_t count = keys.size() - first;
        if (count < 2) {
            // Nothing to compare.
        } else if (count > 12) {
            std::sort(begin, keys.end());
            for (size_t i = 1; i < count; ++i) {
                const bool is_third = i > 1 && begin[ptrdiff_t(i)] == begin[ptrdiff_t(i) - 2];
                if (!is_third && begin[ptrdiff_t(i)] == begin[ptrdiff_t(i) - 1]) {
                    add_duplicate(where, begin[ptrdiff_t(i)], none);
                }
            }
        } else {
            for (size_t i = 1; i < count; ++i) {
                size_t before = 0;
                for (size_t j = 0; j < i; ++j) { before += begin[ptrdiff_t(i)] == begin[ptrdiff_t(j)]; }
                if (before == 1) { add_duplicate(where, begin[ptrdiff_t(i)], none); }
            }
        }
        keys.resize(first);
    }

    // Reads past the content of a container whose opening has been read, and checks it. `depth` counts the containers
    // that are open, this one too.
    bool skip_container(bool is_object, size_t depth, uint32_t offset, const place &where) {
        if (depth > depth_max) { return fail(json_status_too_deep, offset); }
        frames.clear();
        frames.push_back({is_object, keys.size()});
        bool is_first = true;
        json_value value;
        while (!frames.empty()) {
            const frame open = frames.back();
            uint32_t at = *next++;
            uint8_t byte = text[at];
            const uint8_t closing = open.is_object ? '}' : ']';
            if (byte == closing) {
                if (open.is_object) { close_keys(open.first_key, where); }
                frames.pop_back();
                is_first = false;
                continue;
            }
            if (!is_first) {
                if (byte != ',') { return fail_unexpected(at); }
                at = *next++;
                byte = text[at];
            }
            if (open.is_object) {
                name key;
                if (!read_key(at, key)) { return false; }
                keys.push_back(key);
                at = *next++;
                byte = text[at];
            }
            if (byte == '{' || byte == '[') {
                if (depth + frames.size() > depth_max) { return fail(json_status_too_deep, at); }
                frames.push_back({byte == '{', keys.size()});
                is_first = true;
            } else {
                if (!read_scalar(at, value)) { return false; }
                is_first = false;
            }
        }
        return true;
    }

    // The index of a wanted field; most records have them in one order, so the one after the last is tried first.
    static RETAIL_JSON_INLINE uint32_t find(const known_name *wanted, size_t count, const name &key, uint32_t expected) {
        if (expected < count && wanted[expected].key == key) { return expected; }
        for (uint32_t field = 0; field < count; ++field) {
            if (wanted[field].key == key) { return field; }
        }
        return none;
    }

    // Reads the fields of an object whose opening brace has been read.
    template <typename OnContainer>
    bool read_object(const known_name *wanted, size_t wanted_count, json_value *values, const place &where,
                     OnContainer on_container) {
        const size_t first_key = keys.size();
        uint32_t seen = 0;
        uint32_t told = 0;
        uint32_t expected = 0;
        uint32_t at = *next++;
        if (text[at] == '}') { return true; }
        for (;;) {
            name key;
            if (!read_key(at, key)) { return false; }
            const uint32_t field = find(wanted, wanted_count, key, expected);
            json_value other;
            json_value *value = &other;
            if (field != none) {
                expected = field + 1;
                const uint32_t bit = uint32_t(1) << field;
                if ((seen & bit) != 0 && (told & bit) == 0) {
                    add_duplicate(where, key, field);
                    told |= bit;
                }
                seen |= bit;
                value = &values[field];
            } else {
                keys.push_back(key);
            }
            at = *next++;
            const uint8_t byte = text[at];
            if (byte == '{' || byte == '[') {
                *value = {nullptr, 0, byte == '{' ? json_kind_object : json_kind_array, false};
                if (!on_container(byte == '{', at, key, field)) { return false; }
            } else if (!read_scalar(at, *value)) {
                return false;
            }
            at = *next++;
            if (text[at] == ',') {
                at = *next++;
                continue;
            }
            if (text[at] != '}') { return fail_unexpected(at); }
            if (keys.size() > first_key) { close_keys(first_key, where); }
            return true;
        }
    }

    // Reads the elements of an array among the wanted fields; its opening bracket has been read.
    bool read_elements(uint32_t array) {
        uint32_t count = 0;
        // Of an array field that comes twice, the last counts.
        while (!elements.empty() && elements.back().array == array) { elements.pop_back(); }
        uint32_t at = *next++;
        if (text[at] == ']') {
            record.array_counts[array] = 0;
            return true;
        }
        json_element beyond;
        for (;;) {
            json_element *element = &beyond;
            if (count < elements_max) {
                elements.emplace_back();
                element = &elements.back();
            }
            std::memset(element, 0, sizeof *element);
            element->array = array;
            element->index = count;
            const uint8_t byte = text[at];
            place where;
            where.array = array;
            where.index = count;
            if (byte == '{') {
                element->value.kind = json_kind_object;
                const bool is_read = read_object(
                    element_fields, element_field_count, element->fields, where,
                    [&](bool is_object, uint32_t offset, const name &key, uint32_t field) {
                        place inner = where;
                        inner.is_nested = true;
                        inner.holder = key;
                        inner.holder_field = field;
                        return skip_container(is_object, 4, offset, inner);
                    });
                if (!is_read) { return false; }
            } else if (byte == '[') {
                element->value.kind = json_kind_array;
                where.is_nested = true;
                if (!skip_container(false, 3, at, where)) { return false; }
            } else if (!read_scalar(at, element->value)) {
                return false;
            }
            ++count;
            at = *next++;
            if (text[at] == ',') {
                at = *next++;
                continue;
            }
            if (text[at] != ']') { return fail_unexpected(at); }
            record.array_counts[array] = count;
            return true;
        }
    }

    bool read_root() {
        const uint32_t at = *next++;
        const uint8_t byte = text[at];
        bool is_read;
        if (byte == '{') {
            record.kind = json_kind_object;
            is_read = read_object(
                fields, field_count, record.fields, place(),
                [this](bool is_object, uint32_t offset, const name &key, uint32_t field) {
                    if (!is_object && field != none && elements_max > 0) { return read_elements(field); }
                    place inner;
                    inner.is_nested = true;
                    inner.holder = key;
                    inner.holder_field = field;
                    return skip_container(is_object, 2, offset, inner);
                });
        } else if (byte == '[') {
            record.kind = json_kind_array;
            place inner;
            inner.is_nested = true;
            is_read = skip_container(false, 1, at, inner);
        } else {
            json_value value;
            is_read = read_scalar(at, value);
            record.kind = is_read ? value.kind : json_kind_missing;
        }
        if (!is_read) { return false; }
        return *next == length || fail(json_status_trailing_content, *next);
    }

    // MARK: The record

    bool reserve(size_t count) {
        if (count > length_max) { return fail(json_status_too_large, length_max); }
        if (count <= capacity) { return true; }
        const size_t wanted = std::max(count + count / 2, capacity_min);
        // Emptied first: a failure in between must not leave a capacity that is not there.
        capacity = 0;
        scanner.reset();
        input.reset();
        unescaped.reset();
        input.reset(new uint8_t[wanted + simdjson::SIMDJSON_PADDING]);
        unescaped.reset(new uint8_t[wanted + simdjson::SIMDJSON_PADDING]());
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                wanted, simdjson::DEFAULT_MAX_DEPTH, scanner)
            != simdjson::SUCCESS) {
            throw std::bad_alloc();
        }
        capacity = wanted;
        return true;
    }

    bool scan() {
        switch (scanner->stage1(text, length, simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS: break;
        case simdjson::EMPTY: return fail(json_status_empty, 0);
        case simdjson::UTF8_ERROR: return fail(json_status_not_utf8, SIZE_MAX);
        case simdjson::UNESCAPED_CHARS: return fail(json_status_control_character, SIZE_MAX);
        case simdjson::UNCLOSED_STRING: return fail(json_status_unclosed_string, SIZE_MAX);
        case simdjson::MEMALLOC: throw std::bad_alloc();
        default: return fail(json_status_unexpected, SIZE_MAX);
        }
        if (scanner->n_structural_indexes == 0) { return fail(json_status_empty, 0); }
        // The walk ends here: the byte at `length` is padding, which no rule of JSON allows.
        scanner->structural_indexes[scanner->n_structural_indexes] = length;
        record.is_portable = length <= jsonb_length_max;
        next = scanner->structural_indexes.get();
        return true;
    }

    bool read(const uint8_t *bytes, size_t count) {
        if (!reserve(count)) { return false; }
        if (count == 0) { return fail(json_status_empty, 0); }
        std::memcpy(input.get(), bytes, count);
        std::memset(input.get() + count, 0, simdjson::SIMDJSON_PADDING);
        text = input.get();
        length = uint32_t(count);
        unescaped_end = unescaped.get();
        has_escapes = std::memchr(bytes, '\\', count) != nullptr;
        return scan() && read_root();
    }
};

namespace {

bool copy_names(const char *const *from, size_t count, known_name *to, size_t count_max) {
    if (count > count_max) { return false; }
    for (size_t i = 0; i < count; ++i) {
        const size_t length = std::strlen(from[i]);
        if (length + 16 > sizeof to[i].text) { return false; }
        std::memset(to[i].text, 0, sizeof to[i].text);
        std::memcpy(to[i].text, from[i], length);
        to[i].key = make_name(to[i].text, uint32_t(length));
    }
    return true;
}

}  // namespace

json_reader *json_reader_create(
    const char *const *fields, size_t field_count, const char *const *element_fields, size_t element_field_count,
    uint32_t elements_max) {
    json_reader *reader = new (std::nothrow) json_reader;
    if (reader == nullptr) { return nullptr; }
    if (!copy_names(fields, field_count, reader->fields, json_fields_max)
        || !copy_names(element_fields, element_field_count, reader->element_fields, json_element_fields_max)) {
        delete reader;
        return nullptr;
    }
    reader->field_count = field_count;
    reader->element_field_count = element_field_count;
    reader->elements_max = elements_max;
    return reader;
}

void json_reader_destroy(json_reader *reader) { delete reader; }

const json_record *json_reader_read(json_reader *reader, const void *bytes, size_t length) {
    json_record &record = reader->record;
    std::memset(&record, 0, sizeof record);
    record.is_portable = true;
    record.error_offset = UINT64_MAX;
    reader->elements.clear();
    reader->duplicates.clear();
    reader->keys.clear();
    // No exception may leave this function: its caller is not C++.
    try {
        reader->read(static_cast<const uint8_t *>(bytes), length);
    } catch (...) {
        record.status = json_status_no_memory;
    }
    if (record.status != json_status_ok) { record.is_portable = false; }
    record.elements = reader->elements.data();
    record.element_count = reader->elements.size();
    record.duplicates = reader->duplicates.data();
    record.duplicate_count = reader->duplicates.size();
    return &record;
}
