// A machine seen through a fault plan: a machine itself, so every driver can drive it, and the broker behind it
// knows nothing of faults. It sees both directions frame by frame; what the plan lets be passes octet for octet.
//
//   client --octets--> [ plan ] --Received--> inner machine --Send--> [ plan ] --octets--> client
//
// Rules come and go as inputs (AddFault, RemoveFault, ReleaseHeld), so a trace of what goes in and out here holds them.
// While there are none, octets pass unseen but for the ends of frames.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "simbroker/core/config.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/fault/line.hpp"

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
    explicit Interceptor(std::unique_ptr<Machine> inner, FaultPlan plan = FaultPlan(), Onlooker onlooker = {})
        : inner_(std::move(inner)),
          plan_(std::move(plan)),
          onlooker_(std::move(onlooker)),
          chance_(Prng::fork(plan_.seed(), "orders of faults")) {}

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override;
    std::optional<Deadline> what_is_next() const override;

    FaultPlan& plan() { return plan_; }
    std::vector<RuleStatus> rules() const { return plan_.list(); }

    // These take effect with the next input; next_deadline() says that one is wanted at once.
    void release(std::string_view label);  // empty: whatever is held
    void emit(ConnectionId, Toward, codec::wire::Bytes octets);
    void drop(ConnectionId);

private:
    struct Kept {
        enum class Kind : std::uint8_t { octets, end_of_transport, start, undo };
        Kind kind = Kind::octets;
        bool ours = false;             // not from one of the two sides
        std::string rule{};            // that keeps it
        std::string label{};           // with hold
        std::optional<Instant> due{};  // nothing: when released
        ConnectionId connection{};
        Toward toward{};
        codec::amqp091::ChannelNumber channel{};
        codec::wire::Bytes octets{};
        std::optional<Fault> undo{};  // with Kind::undo
    };

    struct Place {
        ConnectionId connection;
        Toward toward{};
        codec::amqp091::ChannelNumber channel;
    };

    // A connection, or one of its channels, or of its consumers: what a rule without a frame may be about.
    struct Target {
        ConnectionId connection;
        codec::amqp091::ChannelNumber channel{};
        Names names{};
    };

    // interceptor.cpp: inputs, outputs, and what is kept.
    bool nobody_looks() const;
    std::optional<Outputs> pass_unseen(const Input&);
    void take(const Input&);
    void add_fault(const AddFault&);
    void remove_fault(const RemoveFault&);
    void perform_what_is_due();
    void forward(const Input&);
    void hear(const Outputs&);
    void take_send(Send&);
    void flush_to_server();
    void flush_kept();
    void follow_lines();
    bool forget(ConnectionId);
    void end_by_server(ConnectionId);
    void tell(Event event);
    void sight(Sighting::Kind, ConnectionId, codec::wire::BytesView octets = {}) const;

    // passage.cpp: frames on their way, and what happens to them.
    void receive(ConnectionId, Toward, codec::wire::BytesView octets);
    void look_at(ConnectionId, Line&);
    void decide(const Place&, Unit unit);
    std::optional<Firing> decision(const Place&, Line&, const Unit&);
    bool continue_content(const Place&, const Unit&);
    Fate begin(const Place&, const Firing&, const Unit&);
    void finish(const Place&, const Firing&, codec::wire::Bytes collected);
    void finish_content(const Place&);
    void gather(const Place&, const Firing&, const Reorder&, codec::wire::Bytes collected);
    void let_go(Gathering);
    void let_go_what_is_due();
    Fate say(const Place&, const Firing&, const Say&, const Unit&);
    void say_both(const Place&, const Say&, const Firing&);
    void say_to(const Place&, Toward, const Script&, const Firing&);
    void pass(ConnectionId, Toward, codec::wire::BytesView octets);
    void insert(ConnectionId, Toward, codec::wire::BytesView octets);  // octets of ours
    void send_to_client(ConnectionId, codec::wire::BytesView octets);

    // occasion.cpp: rules that act without a frame.
    void perform(const Prompted&);
    std::vector<Target> targets_of(const Prompted&) const;
    void suffer(const Outage&);

    // mishap.cpp: what wires, the door and the broker suffer.
    void befall(ConnectionId, const Firing&);
    Fate befall_frame(const Place&, const Firing&, const Unit&);
    void change_wire(ConnectionId, const ChangeWire&);
    std::vector<ConnectionId> those(ConnectionId) const;

    std::unique_ptr<Machine> inner_;
    FaultPlan plan_;
    Onlooker onlooker_;
    std::map<ConnectionId, Line> lines_;
    std::set<ConnectionId> read_lines_;  // whose frames are looked at: few, of however many
    std::vector<Kept> kept_;
    std::vector<Gathering> gatherings_;
    Prng chance_;  // of orders
    Instant now_{};
    Outputs outputs_;                // of the input at work
    ConnectionId batch_connection_;  // octets on their way to the inner machine
    codec::wire::Bytes batch_;
};

// What every driver runs: a broker, with an interceptor in front of it.
std::unique_ptr<Interceptor> broker_with_faults(BrokerConfig config, Seed seed);

}  // namespace simbroker::fault
