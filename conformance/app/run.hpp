// What `broker` and `client` have in common: which scenarios, how they run, what is told.
#pragma once

#include "conformance/app/arguments.hpp"
#include "conformance/runner/wire_mode.hpp"

namespace conformance::app {

// A peer under test: how to meet it, and what it calls itself.
struct Peer {
    catalogue::Role role{};
    std::string description;
    std::string product;
    std::string version;
    runner::CaseRunner run_case;
    runner::Sharing sharing = runner::Sharing::one_for_each;
};

// What was asked for, read and checked, before any peer is met.
struct Plan {
    catalogue::Catalogue catalogue;
    std::vector<const catalogue::Scenario*> chosen;  // of the catalogue
    simbroker::BrokerConfig config;                  // of the simulated broker
    simbroker::Duration patience{};
    simbroker::Duration max_wait{};
    runner::WireMode wire{};
    std::optional<std::size_t> cut{};  // with wire cut-each-step: only after this frame
};

// Nothing: something is wrong with it, and was said.
std::optional<Plan> plan(const Place&, const RunArguments&, catalogue::Role);

Status run(const Place&, const RunArguments&, const Plan&, const Peer&);

}  // namespace conformance::app
