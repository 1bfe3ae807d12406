// Failures that are known: scenarios/deviation/<product>-<version>.yaml. They keep a run meaningful while a peer
// deviates, and fail it when the peer no longer does.
#pragma once

#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "conformance/catalogue/location.hpp"
#include "conformance/runner/verdict.hpp"
#include "conformance/runner/wire_mode.hpp"

namespace conformance::runner {

struct Deviation {
    catalogue::Location at;
    std::string scenario;  // id or glob
    std::string reason;
    std::string link;
    std::string message;  // part of the failure's message
    std::string wire{};   // the mode of the wire it is about (--wire); empty: all but cut-each-step
};

std::expected<std::vector<Deviation>, std::vector<catalogue::LoadError>> load_deviations(
    const std::filesystem::path& file
);

// The files in `folder` for a peer: rabbitmq-3.10.8.yaml, rabbitmq-3.10.yaml, rabbitmq-3.yaml and rabbitmq.yaml, those
// that exist.
std::vector<std::filesystem::path> deviation_files(
    const std::filesystem::path& folder, const std::string& product, const std::string& version
);

// Entries that are about no scenario, or only about those that an earlier entry of the same file is about.
std::vector<catalogue::LoadError> idle_deviations(
    const std::vector<Deviation>&, std::span<const catalogue::Scenario> all
);

// What a peer is held to.
enum class Standard : std::uint8_t {
    usual,   // a SHOULD or MAY that does not hold is a warning
    listed,  // the peer has a list of what is expected to fail: whatever else fails is a failure
    strict,  // and what the list foretells is one, too
};

// The first deviation about the scenario makes a failure an expected one, and a pass an unexpected one.
void apply_deviations(Result&, const std::vector<Deviation>&);

// That, and then what of it the standard holds against the peer.
void judge(Result&, const std::vector<Deviation>&, Standard);

// Those that are about this mode of the wire.
std::vector<Deviation> deviations_of(const std::vector<Deviation>&, WireMode);

}  // namespace conformance::runner
