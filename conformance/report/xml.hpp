// Text for reports in XML.
#pragma once

#include <string>
#include <string_view>

namespace conformance::report {

// Text as XML 1.0 may hold it: markup escaped, what XML forbids (control characters, broken UTF-8) replaced.
std::string xml_text(std::string_view text);

}  // namespace conformance::report
