// A broker somewhere, over TCP, in real time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "conformance/runner/broker_stage.hpp"
#include "conformance/runner/file_descriptor.hpp"
#include "conformance/runner/operator_command.hpp"
#include "conformance/runner/real_clock.hpp"

namespace conformance::runner {

struct TcpTarget {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5672;
    step::Login login;
    std::optional<OperatorCommand> operator_command{};  // how its operator is spoken to, if there is a way

    // amqp://user:password@host:port/vhost, with the parts after the host percent-encoded where necessary.
    static std::expected<TcpTarget, std::string> parse(std::string_view url);
};

class TcpStage final : public BrokerStage {
public:
    TcpStage(TcpTarget target, step::Duration longest_advance)
        : BrokerStage(target.login), target_(std::move(target)), longest_advance_(longest_advance) {}

    step::Instant now() const override { return clock_.now(); }
    bool wait(step::Instant until) override;
    std::vector<step::Arrival> take_arrivals() override { return std::exchange(arrivals_, {}); }
    std::optional<step::Duration> longest_advance() const override { return longest_advance_; }

    std::expected<step::LineId, step::Trouble> open() override;
    void send(step::LineId, codec::wire::BytesView octets) override;
    void drop(step::LineId id) override { sockets_.erase(id); }
    step::Outcome operate(const simbroker::Input&) override;

private:
    void poll(int milliseconds, step::LineId wants_to_write);
    void read(step::LineId id);

    TcpTarget target_;
    step::Duration longest_advance_;
    RealClock clock_;
    std::uint32_t next_id_ = 1;
    std::map<step::LineId, FileDescriptor> sockets_;
    std::vector<step::Arrival> arrivals_;
};

}  // namespace conformance::runner
