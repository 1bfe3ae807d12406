// Failures that are known: scenarios/deviation/<product>-<version>.yaml. They keep a run meaningful while a peer
// deviates, and fail it when the peer no longer does.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/catalogue/location.hpp"
#include "conformance/runner/verdict.hpp"

namespace conformance::runner {

struct Deviation {
    catalogue::Location at;
    std::string scenario;  // id or glob
    std::string reason;
    std::string link;
    std::string message;  // part of the failure's message
};

std::expected<std::vector<Deviation>, std::vector<catalogue::LoadError>> load_deviations(
    const std::filesystem::path& file
);

// The files in `folder` for a peer: rabbitmq-3.10.8.yaml, rabbitmq-3.10.yaml, rabbitmq-3.yaml and rabbitmq.yaml, those
// that exist.
std::vector<std::filesystem::path> deviation_files(
    const std::filesystem::path& folder, const std::string& product, const std::string& version
);

// Applies the first deviation about the scenario: fail becomes expected failure, pass becomes unexpected pass.
void apply_deviations(Result&, const std::vector<Deviation>&);

}  // namespace conformance::runner
