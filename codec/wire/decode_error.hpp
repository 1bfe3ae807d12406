// What a decoder says about octets it refuses: where, what it expected there, and which family of mistake it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace codec::wire {

struct DecodeError {
    enum class Kind : std::uint8_t {
        truncated,       // the octets end inside a field
        trailing,        // octets are left after the last field
        unknown_tag,     // a field-table value of a type the dialect does not have
        bad_table,       // a table or array whose parts do not fill it exactly
        too_deep,        // tables nested deeper than the limit
        unknown_method,  // no row for this class-id and method-id
        bad_flags,       // property flags that promise more than the class has
    };

    Kind kind{};
    std::size_t offset{};       // octets from the start of what was decoded
    std::string_view expected;  // a static string: what should have stood there

    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

std::string to_string(const DecodeError&);

}  // namespace codec::wire
