#pragma once

#include "CSimdJSON.h"

#include <cstddef>
#include <cstring>

// Strings, numbers, literals and keys of a record whose structure simdjson's first stage has found.

// What every value passes through: small, and worth a copy at each of its few callers.
#define RETAIL_JSON_INLINE inline __attribute__((always_inline))

namespace retail_json {

// What PostgreSQL's numeric holds.
constexpr int64_t numeric_integer_digits_max = 131072;
constexpr int64_t numeric_fraction_digits_max = 16383;

inline bool is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }
inline bool is_digit(uint8_t byte) { return uint8_t(byte - '0') < 10; }

// What may follow a number or a literal.
inline bool ends_scalar(uint8_t byte) { return byte == ',' || byte == '}' || byte == ']' || is_space(byte); }

inline int hex_value(uint8_t byte) {
    if (is_digit(byte)) { return byte - '0'; }
    const uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A key, compared sixteen bytes at a time.
struct name {
    const uint8_t *text = nullptr;
    uint32_t length = 0;
    uint64_t start[2] = {0, 0};  // the first sixteen bytes, zeros beyond the end

    bool operator==(const name &other) const {
        return start[0] == other.start[0] && start[1] == other.start[1] && length == other.length
            && (length <= 16 || std::memcmp(text + 16, other.text + 16, length - 16) == 0);
    }

    // Any total order will do. Not by hash: nobody can choose keys that make it slow.
    bool operator<(const name &other) const {
        if (length != other.length) { return length < other.length; }
        if (start[0] != other.start[0]) { return start[0] < other.start[0]; }
        if (start[1] != other.start[1]) { return start[1] < other.start[1]; }
        return length > 16 && std::memcmp(text + 16, other.text + 16, length - 16) < 0;
    }
};

// At least sixteen bytes must be readable at `text`; all buffers here are padded.
RETAIL_JSON_INLINE name make_name(const uint8_t *text, uint32_t length) {
    static constexpr uint8_t ones[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                         0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint64_t mask[2];
    std::memcpy(mask, ones + 16 - (length < 16 ? length : 16), sizeof mask);
    name result;
    result.text = text;
    result.length = length;
    std::memcpy(result.start, text, sizeof result.start);
    result.start[0] &= mask[0];
    result.start[1] &= mask[1];
    return result;
}

// Reads scalars at places of the record. Every function returns whether it could; if not, the record's status says why.
struct scalar_reader {
    json_record record{};
    const uint8_t *text = nullptr;  // the record, padded with zeros
    uint32_t length = 0;
    const uint32_t *next = nullptr;  // the places that stage 1 found; the one after the last is `length`
    uint8_t *unescaped_end = nullptr;
    bool has_escapes = false;  // whether there is a backslash anywhere

    bool fail(json_status status, size_t offset) {
        record.status = status;
        record.error_offset = offset;
        return false;
    }

    bool fail_unexpected(uint32_t offset) {
        return fail(offset >= length ? json_status_truncated : json_status_unexpected, offset);
    }

    // A string that begins at `offset`. Stage 1 has seen that it is closed, and what it found next comes after it.
    RETAIL_JSON_INLINE bool read_string(uint32_t offset, json_value &value) {
        uint32_t end = *next - 1;
        while (end > offset && is_space(text[end])) { --end; }
        if (end == offset || text[end] != '"') { return fail(json_status_unexpected, offset); }
        const uint8_t *start = text + offset + 1;
        const uint32_t count = end - offset - 1;
        value.kind = json_kind_string;
        value.is_unstorable = false;
        if (!has_escapes || std::memchr(start, '\\', count) == nullptr) {
            value.text = start;
            value.length = count;
            return true;
        }
        return unescape(start, start + count, value);
    }

    bool unescape(const uint8_t *from, const uint8_t *end, json_value &value) {
        uint8_t *to = unescaped_end;
        value.text = to;
        while (from < end) {
            if (*from != '\\') {
                *to++ = *from++;
                continue;
            }
            const uint8_t *escape = from;
            if (end - from < 2) { return fail(json_status_bad_escape, size_t(escape - text)); }
            uint32_t code = 0;
            switch (from[1]) {
            case '"': code = '"'; break;
            case '\\': code = '\\'; break;
            case '/': code = '/'; break;
            case 'b': code = '\b'; break;
            case 'f': code = '\f'; break;
            case 'n': code = '\n'; break;
            case 'r': code = '\r'; break;
            case 't': code = '\t'; break;
            case 'u': {
                if (!read_unit(from, end, code)) { return fail(json_status_bad_escape, size_t(escape - text)); }
                from += 6;
                uint32_t low;
                if (code >= 0xD800 && code < 0xDC00 && read_unit(from, end, low) && low >= 0xDC00 && low < 0xE000) {
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    from += 6;
                }
                if (code == 0 || (code >= 0xD800 && code < 0xE000)) {
                    value.is_unstorable = true;
                    record.is_portable = false;
                }
                to = put(code, to);
                continue;
            }
            default: return fail(json_status_bad_escape, size_t(escape - text));
            }
            *to++ = uint8_t(code);
            from += 2;
        }
        value.length = uint32_t(to - value.text);
        unescaped_end = to;
        return true;
    }

    static bool read_unit(const uint8_t *from, const uint8_t *end, uint32_t &unit) {
        if (end - from < 6 || from[0] != '\\' || from[1] != 'u') { return false; }
        unit = 0;
        for (int digit = 2; digit < 6; ++digit) {
            const int value = hex_value(from[digit]);
            if (value < 0) { return false; }
            unit = unit << 4 | uint32_t(value);
        }
        return true;
    }

    static uint8_t *put(uint32_t code, uint8_t *to) {
        if (code < 0x80) {
            *to++ = uint8_t(code);
        } else if (code < 0x800) {
            *to++ = uint8_t(0xC0 | code >> 6);
            *to++ = uint8_t(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            *to++ = uint8_t(0xE0 | code >> 12);
            *to++ = uint8_t(0x80 | (code >> 6 & 0x3F));
            *to++ = uint8_t(0x80 | (code & 0x3F));
        } else {
            *to++ = uint8_t(0xF0 | code >> 18);
            *to++ = uint8_t(0x80 | (code >> 12 & 0x3F));
            *to++ = uint8_t(0x80 | (code >> 6 & 0x3F));
            *to++ = uint8_t(0x80 | (code & 0x3F));
        }
        return to;
    }

    // The padding after the record is zero, so that no loop here runs past it.
    bool read_number(uint32_t offset, json_value &value) {
        const uint8_t *start = text + offset;
        const uint8_t *at = start + (*start == '-');
        const uint8_t *integer = at;
        while (is_digit(*at)) { ++at; }
        const int64_t integer_digits = at - integer;
        if (integer_digits == 0 || (integer_digits > 1 && *integer == '0')) {
            return fail(json_status_bad_number, offset);
        }
        int64_t fraction_digits = 0;
        int64_t exponent = 0;
        if (*at == '.') {
            const uint8_t *fraction = ++at;
            while (is_digit(*at)) { ++at; }
            fraction_digits = at - fraction;
            if (fraction_digits == 0) { return fail(json_status_bad_number, offset); }
        }
        if ((*at | 0x20) == 'e') {
            ++at;
            const bool is_negative = *at == '-';
            if (*at == '-' || *at == '+') { ++at; }
            if (!is_digit(*at)) { return fail(json_status_bad_number, offset); }
            while (is_digit(*at)) {
                if (exponent < numeric_integer_digits_max * 16) { exponent = exponent * 10 + (*at - '0'); }
                ++at;
            }
            if (is_negative) { exponent = -exponent; }
        }
        if (!ends_scalar(*at) && at != text + length) { return fail(json_status_bad_number, offset); }
        if (integer_digits + exponent > numeric_integer_digits_max
            || fraction_digits - exponent > numeric_fraction_digits_max
            || exponent > numeric_integer_digits_max) {
            record.is_portable = false;
        }
        value = {start, uint32_t(at - start), json_kind_number, false};
        return true;
    }

    bool read_literal(uint32_t offset, const char *literal, uint32_t count, json_kind kind, json_value &value) {
        const uint8_t *start = text + offset;
        if (length - offset < count || std::memcmp(start, literal, count) != 0
            || (!ends_scalar(start[count]) && offset + count != length)) {
            return fail(json_status_bad_literal, offset);
        }
        value = {kind == json_kind_null ? nullptr : start, kind == json_kind_null ? 0 : count, kind, false};
        return true;
    }

    RETAIL_JSON_INLINE bool read_scalar(uint32_t offset, json_value &value) {
        switch (text[offset]) {
        case '"': return read_string(offset, value);
        case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
            return read_number(offset, value);
        case 't': return read_literal(offset, "true", 4, json_kind_bool, value);
        case 'f': return read_literal(offset, "false", 5, json_kind_bool, value);
        case 'n': return read_literal(offset, "null", 4, json_kind_null, value);
        default: return fail_unexpected(offset);
        }
    }

    // A key and its colon.
    RETAIL_JSON_INLINE bool read_key(uint32_t offset, name &key) {
        if (text[offset] != '"') { return fail_unexpected(offset); }
        json_value value;
        if (!read_string(offset, value)) { return false; }
        const uint32_t colon = *next;
        if (text[colon] != ':') { return fail_unexpected(colon); }
        ++next;
        key = make_name(value.text, value.length);
        return true;
    }
};

}  // namespace retail_json
