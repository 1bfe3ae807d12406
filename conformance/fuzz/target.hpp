// Who is fuzzed: plays cases, many in a row and fast, or one alone from a fresh start.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "conformance/catalogue/scenario.hpp"
#include "conformance/fuzz/isolation.hpp"
#include "conformance/runner/client_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "simbroker/core/machine.hpp"

namespace conformance::fuzz {

struct Mishap {
    std::uint64_t number = 0;  // of the case
    std::string text{};
};

class Target {
public:
    virtual ~Target() = default;

    virtual catalogue::Scenario make(std::uint64_t number) = 0;
    // From `first` on, up to the first case that goes wrong.
    virtual std::optional<Mishap> play(std::uint64_t first, std::uint64_t count) = 0;
    // One, on a fresh target. What went wrong.
    virtual std::optional<std::string> play_alone(const catalogue::Scenario&) = 0;
};

using TargetMaker = std::function<std::expected<std::unique_ptr<Target>, std::string>()>;
using MachineMaker = std::function<std::unique_ptr<simbroker::Machine>()>;

// A broker in this program, in virtual time: each case has one of its own.
std::unique_ptr<Target> simulated_broker(MachineMaker make, simbroker::Seed seed, Limits limits = {});
std::unique_ptr<Target> broker_over_tcp(runner::TcpTarget tcp, simbroker::Seed seed);
// The shim is kept for many cases.
std::expected<std::unique_ptr<Target>, std::string> client_through_shim(
    runner::ClientTarget client, simbroker::Seed seed
);

}  // namespace conformance::fuzz
