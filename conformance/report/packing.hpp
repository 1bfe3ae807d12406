// Octets as a page of text can hold them.
#pragma once

#include <string>
#include <string_view>

namespace conformance::report {

std::string gzipped(std::string_view text);
std::string base64(std::string_view octets);
std::string sha256(std::string_view octets);  // 32 octets

}  // namespace conformance::report
