#include "conformance/runner/traced_broker.hpp"

#include <cassert>

#include "simbroker/core/broker.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/asio_server_trace_file.hpp"

namespace conformance::runner {

namespace {

class TracedBroker final : public simbroker::Machine {
public:
    TracedBroker(const simbroker::BrokerConfig& config, simbroker::Seed seed, const std::filesystem::path& file)
        : trace_(file, {config, seed}), machine_(std::make_unique<simbroker::Broker>(config, seed), trace_.writer()) {}

    ~TracedBroker() override {
        try {
            trace_.end();
        } catch (const simbroker::drive::ServerError&) {
            // The disk is full: whoever replays the file is told that it is cut short.
        }
    }

    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override {
        return machine_.handle(now, input);
    }
    std::optional<simbroker::Instant> next_deadline() const override { return machine_.next_deadline(); }
    std::optional<simbroker::Deadline> what_is_next() const override { return machine_.what_is_next(); }

private:
    simbroker::drive::TraceFile trace_;
    simbroker::RecordingMachine machine_;
};

}  // namespace

simbroker::BrokerConfig configured(const simbroker::BrokerConfig& config, const nlohmann::json& otherwise) {
    if (otherwise.empty()) return config;
    auto whole = nlohmann::json::parse(to_json(config));
    // Another profile brings its own limits.
    if (otherwise.contains("profile")) {
        for (const auto* of_the_profile : {"channel_max", "frame_max", "heartbeat", "message_size_max"})
            whole.erase(of_the_profile);
    }
    whole.update(otherwise);
    auto result = simbroker::config_from_json(whole.dump());
    assert(result && "the loader has checked what it wants");
    return std::move(*result);
}

std::unique_ptr<simbroker::Machine> traced_broker(const simbroker::BrokerConfig& usual, const StageOptions& options) {
    const auto config = configured(usual, options.broker);
    if (options.trace) return std::make_unique<TracedBroker>(config, options.seed, *options.trace);
    return std::make_unique<simbroker::Broker>(config, options.seed);
}

}  // namespace conformance::runner
