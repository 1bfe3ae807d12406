// The report for the summary page of a CI job, in GitHub's Markdown.
#pragma once

#include "conformance/report/run.hpp"

namespace conformance::report {

std::string to_markdown(const Run&);

}  // namespace conformance::report
