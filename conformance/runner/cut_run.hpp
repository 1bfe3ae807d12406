// --wire cut-each-step: one scenario again and again, the transport to the client cut after each of its frames in
// turn, by a reset. What the scenario is about is not judged here. Whatever happens, the client has to
//
//   * answer every call in time, with an error or not,
//   * tell that the connection is lost: by an error of a call or by an event, and if nobody has asked it anything, by
//   the
//     error of the next call. Not if the connection was being closed anyway;
//   * be as good as new on its next connection, and exit in peace.
//
// Frames before the first connection.open-ok are the same in every scenario; they are left to those of family HS.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "conformance/runner/client_stage.hpp"
#include "conformance/runner/run_scenario.hpp"

namespace conformance::runner {

using ClientStageMaker = std::function<std::expected<std::unique_ptr<ClientStage>, std::string>()>;

// `only`: cuts after this frame alone, counted from 1.
Result run_cuts(
    const catalogue::Scenario&, const ClientStageMaker&, const RunOptions&, const std::optional<std::size_t>& only = {}
);

}  // namespace conformance::runner
