// A line of a corpus: a name, then octets as hexadecimal digits with blanks where a reader wants them, or as text in
// double quotes with \n, \" and \\. '#' begins a comment.
//
//   heartbeat  01 64 08 0000 00000000 ce
//   thirty     "30m"
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "codec/wire/bytes.hpp"

namespace fuzz {

struct Entry {
    std::string name;  // empty: the line is blank, or a comment
    codec::wire::Bytes octets;
};

// Or what was expected.
std::expected<Entry, std::string> entry_of(std::string_view line);

// The octets as a line has them: what is mostly text is shown as text.
std::string to_text(codec::wire::BytesView octets);

}  // namespace fuzz
