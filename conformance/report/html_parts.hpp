// The files of report/html/, made part of the program when it is built.
#pragma once

#include <string_view>

namespace conformance::report::html_parts {

extern const std::string_view page;
extern const std::string_view style;
extern const std::string_view script;

}  // namespace conformance::report::html_parts
