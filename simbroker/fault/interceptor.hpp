// A machine seen through a fault plan: a machine itself, so every driver can drive it, and the broker behind it
// knows nothing of faults. It sees both directions frame by frame; what the plan lets be passes octet for octet.
//
//   client --octets--> [ plan ] --Received--> inner machine --Send--> [ plan ] --octets--> client
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "simbroker/core/machine.hpp"
#include "simbroker/fault/fault_plan.hpp"
#include "simbroker/fault/inserted_closes.hpp"

namespace simbroker::fault {

// What an onlooker between the client and the plan sees: what the client really sent and really got.
struct Sighting {
    enum class Kind : std::uint8_t { connected, from_client, to_client, ended_by_client, ended_by_server };

    Kind kind{};
    ConnectionId connection;
    codec::wire::BytesView octets;  // good during the call
};

using Onlooker = std::function<void(const Sighting&)>;

class Interceptor final : public Machine {
public:
    explicit Interceptor(std::unique_ptr<Machine> inner, FaultPlan plan = {}, Onlooker onlooker = {})
        : inner_(std::move(inner)), plan_(std::move(plan)), onlooker_(std::move(onlooker)) {}

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override;
    std::optional<Deadline> what_is_next() const override;

    FaultPlan& plan() { return plan_; }

    // These take effect with the next input; next_deadline() says that one is wanted at once.
    void release(std::string_view label);
    void emit(ConnectionId, Toward, codec::wire::Bytes octets);
    void drop(ConnectionId);

private:
    // What becomes of the header and bodies that follow a method with a fault.
    enum class Fate : std::uint8_t { pass, swallow, collect };

    struct Content {
        Fate fate = Fate::pass;
        Fault fault;                   // to be finished when the content is complete
        codec::wire::Bytes collected;  // with Fate::collect, from the method on
        bool header_seen = false;
        std::uint64_t missing = 0;  // octets of the body
    };

    struct Direction {
        FrameStream stream;
        std::map<codec::amqp091::ChannelNumber, Content> contents;
    };
    struct Line {
        std::array<Direction, 2> directions;  // by Toward
        InsertedCloses closes;
    };

    struct Kept {
        enum class Kind : std::uint8_t { octets, end_of_transport, start };
        Kind kind = Kind::octets;
        bool ours = false;             // not from one of the two sides
        std::string label{};           // with hold
        std::optional<Instant> due{};  // nothing: when released
        ConnectionId connection{};
        Toward toward{};
        codec::wire::Bytes octets{};
    };

    struct Place {
        ConnectionId connection;
        Toward toward{};
        codec::amqp091::ChannelNumber channel;
    };

    void receive(ConnectionId, Toward, codec::wire::BytesView octets);
    void decide(const Place&, Unit unit);
    bool continue_content(const Place&, const Unit&);
    Fate begin(const Place&, const Fault&, const Unit&);
    void finish(const Place&, const Fault&, codec::wire::Bytes collected);
    void finish_content(const Place&);

    void pass(ConnectionId, Toward, codec::wire::BytesView octets);
    void insert(ConnectionId, Toward, codec::wire::BytesView octets);  // octets of ours
    void send_to_client(ConnectionId, codec::wire::BytesView octets);
    void forward(const Input& input);
    void flush_to_server();
    void flush_kept();
    void end_by_server(ConnectionId);
    void sight(Sighting::Kind, ConnectionId, codec::wire::BytesView octets = {}) const;

    std::unique_ptr<Machine> inner_;
    FaultPlan plan_;
    Onlooker onlooker_;
    std::map<ConnectionId, Line> lines_;
    std::vector<Kept> kept_;
    Instant now_{};
    Outputs outputs_;                // of the input at work
    ConnectionId batch_connection_;  // octets on their way to the inner machine
    codec::wire::Bytes batch_;
};

}  // namespace simbroker::fault
