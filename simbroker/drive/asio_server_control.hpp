// The broker on sockets, as the control API reaches it. Everything here happens on the server's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "simbroker/control/api.hpp"
#include "simbroker/control/served_broker.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/asio_server_clock.hpp"
#include "simbroker/drive/asio_server_http.hpp"
#include "simbroker/drive/asio_server_loop.hpp"

namespace simbroker::drive {

class ServedLoop final : public control::ServedBroker {
public:
    // What the server knows and its loop does not.
    struct Hooks {
        std::function<control::Description()> describe;
        std::function<control::Answer(const Input&)> ask;
        std::function<std::vector<fault::RuleStatus>()> faults;
        std::function<std::optional<std::string>()> reset;
        std::function<std::vector<TimedEvent>(std::uint64_t since)> events;
        std::function<std::uint64_t()> next_event;
        std::function<std::expected<std::string, std::string>()> trace;
    };

    ServedLoop(ServerLoop& loop, TimeSource& clock, Hooks hooks)
        : loop_(loop), clock_(clock), hooks_(std::move(hooks)) {}

    control::Description describe() const override { return hooks_.describe(); }
    control::Condition condition() const override;

    Instant now() const override { return clock_.now(); }
    std::optional<Deadline> next_deadline() const override { return loop_.what_is_next(); }
    void advance_to(Instant to) override { loop_.advance_to(to); }
    std::optional<Deadline> advance_to_next() override;

    control::Answer ask(const Input& input) override { return hooks_.ask(input); }
    std::vector<fault::RuleStatus> faults() const override { return hooks_.faults(); }
    void inject(const Input& input) override { loop_.inject(input); }
    void restart() override { loop_.restart(); }
    std::vector<ConnectionId> connections() const override { return loop_.connections(); }
    void drop(ConnectionId connection) override { loop_.drop(connection); }

    std::expected<std::optional<std::string>, std::string> reset() override;

    std::vector<TimedEvent> events(std::uint64_t since) const override { return hooks_.events(since); }
    std::uint64_t next_event() const override { return hooks_.next_event(); }
    std::expected<std::string, std::string> trace() override;

private:
    ServerLoop& loop_;
    TimeSource& clock_;
    Hooks hooks_;
};

// The API over HTTP, on the server's thread.
class ControlServer {
public:
    ControlServer(
        boost::asio::io_context& io,
        const ControlOptions& options,
        ServerLoop& loop,
        TimeSource& clock,
        ServedLoop::Hooks hooks
    );

    void publish(const TimedEvent& event) { http_.publish(event); }
    void close() { http_.close(); }
    std::string url() const;

private:
    control::Response try_to_answer(const control::Request& request);
    void answer(const control::Request& request, const std::function<void(control::Response)>& respond);

    ServerLoop& loop_;
    control::Api api_;
    ServedLoop served_;
    HttpServer http_;
};

}  // namespace simbroker::drive
