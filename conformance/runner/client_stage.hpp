// A client under test: its shim as a process, and the simulated broker it talks to over TCP, seen through a fault plan.
// The runner is the onlooker between the two.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "conformance/runner/cutting_machine.hpp"
#include "conformance/runner/file_descriptor.hpp"
#include "conformance/runner/real_clock.hpp"
#include "conformance/runner/shim_process.hpp"
#include "conformance/runner/wire_mode.hpp"
#include "conformance/step/stage.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::drive {
class Server;
}

namespace conformance::runner {

// How the end of a launcher reads that says its library is not on this machine (conformance/shim/launch.py).
inline constexpr std::string_view shim_is_unavailable = "it ended with exit status 3\n";

struct ClientTarget {
    std::vector<std::string> command;  // of the shim
    simbroker::BrokerConfig config;
    simbroker::Seed seed = 0;
    WireMode wire = WireMode::whole;
    std::optional<std::filesystem::path> trace{};  // what the broker does is recorded in this file
    simbroker::fault::FaultPlan broken;  // faults that are there from the beginning: for tests of the scenarios
    // Hears what the launcher fetches or builds before its shim says hello, which may take minutes.
    std::function<void(const std::string&)> on_preparing = [](const std::string&) {};
};

// What the shim says of itself.
struct Hello {
    std::string library;
    std::string version;
    std::string language;
    std::vector<std::string> operations;
};

class ClientStage final : public step::Stage {
public:
    // Starts broker and shim, and waits for its hello: twenty seconds, or ten minutes while it prepares.
    static std::expected<std::unique_ptr<ClientStage>, std::string> start(
        const ClientTarget&, step::Duration longest_advance
    );
    ~ClientStage() override;

    const Hello& hello() const { return hello_; }
    std::size_t shim_memory() const { return shim_.memory(); }

    // With WireMode::cut_each_step. Counts frames anew, and cuts after this one; 0: not at all.
    void begin_cut(std::size_t after);
    std::size_t frames() const;
    std::size_t first_open_ok() const;
    std::optional<Cut> cut() const;
    // Requests without an answer, and their operations.
    const std::map<std::uint64_t, std::string>& unanswered() const { return unanswered_; }
    // Whether, since a transport ended, the shim has answered with an error, told of an end, or answered a `connect` on
    // a new transport: what is asked after that is no longer about the one that was lost.
    bool told_of_loss() const;

    const step::Login& login() const override { return login_; }
    step::Instant now() const override { return clock_.now(); }
    bool wait(step::Instant until) override;
    std::vector<step::Arrival> take_arrivals() override;
    std::optional<step::Duration> longest_advance() const override { return longest_advance_; }

    std::expected<step::LineId, step::Trouble> open() override;
    void send(step::LineId, codec::wire::BytesView octets) override;
    void drop(step::LineId) override;
    step::Outcome operate(const simbroker::Input& input) override;

    step::Outcome request(const nlohmann::json& request) override;
    void end_shim() override { shim_.end_input(); }
    std::string shim_errors() override;
    const std::vector<std::string>& operations() const override { return hello_.operations; }
    std::string connect_target() const override;
    step::Outcome add_fault(simbroker::fault::Rule rule) override;
    step::Outcome clear_faults() override;
    step::Outcome release(const std::string& label) override;
    step::Outcome shape_wire(simbroker::Segmentation segmentation) override;

private:
    class GuardedMachine;

    std::unique_ptr<simbroker::Machine> wired(std::unique_ptr<simbroker::Machine> broker, const ClientTarget&);

    ClientStage(ShimProcess shim, WireMode wire, step::Duration longest_advance);
    void start_server(const ClientTarget&);
    std::optional<std::string> read_hello(const ClientTarget&);
    std::optional<std::string> take_hello(const std::string& line);
    void see(const simbroker::Event&);
    void see(const simbroker::fault::Sighting&);
    void hear(const std::string& line);
    void serve_shim();
    void wake_server();

    step::Login login_;
    RealClock clock_;
    step::Duration longest_advance_;
    ShimProcess shim_;
    Hello hello_;
    bool shim_end_told_ = false;

    WireMode wire_;
    std::map<std::uint64_t, std::string> unanswered_;

    // Shared with the server's thread.
    mutable std::mutex interceptor_mutex_;
    simbroker::fault::Interceptor* interceptor_ = nullptr;
    CuttingMachine* cutter_ = nullptr;
    mutable std::mutex arrivals_mutex_;
    bool told_of_loss_ = false;
    bool connected_since_ = false;
    std::vector<step::Arrival> arrivals_;
    FileDescriptor arrived_;  // an eventfd

    std::unique_ptr<simbroker::drive::Server> server_;
};

}  // namespace conformance::runner
