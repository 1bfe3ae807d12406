// A broker somewhere, over TCP, in real time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "conformance/runner/broker_stage.hpp"
#include "conformance/runner/real_clock.hpp"
#include "conformance/runner/tcp_target.hpp"
#include "conformance/runner/transport.hpp"

namespace conformance::runner {

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
    std::map<step::LineId, Transport> sockets_;
    std::vector<step::Arrival> arrivals_;
};

}  // namespace conformance::runner
