// A machine that ends a connection right after a given frame, of either side. It stands where the wire is: what it lets
// through is what the client really said and heard, and an onlooker is told of it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simbroker/core/machine.hpp"
#include "simbroker/fault/frame_stream.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace conformance::runner {

// What became of the connection that was cut.
struct Cut {
    simbroker::ConnectionId connection;
    std::string after;     // "queue.declare from the client"
    bool opened = false;   // connection.open-ok had passed
    bool closing = false;  // a connection.close had passed
};

class CuttingMachine final : public simbroker::Machine {
public:
    CuttingMachine(std::unique_ptr<simbroker::Machine> inner, simbroker::fault::Onlooker onlooker)
        : inner_(std::move(inner)), onlooker_(std::move(onlooker)) {}

    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override;
    std::optional<simbroker::Instant> next_deadline() const override { return inner_->next_deadline(); }

    // Counts anew, from 1: the protocol header and all frames but heartbeats, in the order in which they pass. 0: cut
    // nothing.
    void begin(std::size_t cut_after);
    std::size_t frames() const { return frames_; }
    std::size_t first_open_ok() const { return first_open_ok_; }  // its number; 0: none has passed
    const std::optional<Cut>& cut() const { return cut_; }

private:
    struct Line {
        std::array<simbroker::fault::FrameStream, 2> streams;  // by Toward
        std::array<std::size_t, 2> unfinished{};               // octets of a frame that has not passed as a whole
        bool opened = false;
        bool closing = false;
    };

    // How many of the octets pass: all of them, or those up to the cut.
    std::size_t pass(simbroker::ConnectionId, Line&, simbroker::Toward, codec::wire::BytesView octets);
    void count(simbroker::ConnectionId, Line&, simbroker::Toward, const simbroker::fault::Unit&);
    void deliver(simbroker::Outputs from, simbroker::Instant now, simbroker::Outputs& into);
    void end(simbroker::ConnectionId, simbroker::Instant now, simbroker::Outputs& into);
    void sight(simbroker::fault::Sighting::Kind, simbroker::ConnectionId, codec::wire::BytesView octets = {}) const;

    std::unique_ptr<simbroker::Machine> inner_;
    simbroker::fault::Onlooker onlooker_;
    std::map<simbroker::ConnectionId, Line> lines_;
    std::size_t cut_after_ = 0;
    std::size_t frames_ = 0;
    std::size_t first_open_ok_ = 0;
    std::optional<Cut> cut_;
};

}  // namespace conformance::runner
