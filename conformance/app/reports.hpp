// The reports that go to files.
#pragma once

#include "conformance/app/arguments.hpp"
#include "conformance/report/run.hpp"

namespace conformance::app {

// False: one cannot be written, which is said.
bool write_reports(const RunArguments&, const report::Run&);

}  // namespace conformance::app
