// A virtual client: one connection with one channel, which it opens again whenever it is lost, and a role to play on
// it. Clients only make traffic. Whether what they see is right is judged at the broker's door (tap.hpp), not here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/drive/simulation.hpp"
#include "simbroker/explore/agenda.hpp"
#include "simbroker/explore/plan.hpp"

namespace simbroker::explore {

// What the clients of a run share.
struct Stage {
    drive::Simulation& simulation;
    Agenda& agenda;
    const Plan& plan;
    bool calm = false;  // nothing new is begun, nothing is refused
};

// A message as it came, by basic.deliver, basic.get-ok or basic.return. Its views are good while it is handled.
struct Incoming {
    enum class How : std::uint8_t { delivered, got, returned };
    How how{};
    std::uint64_t tag = 0;
    bool redelivered = false;
    std::string consumer{};
    codec::wire::Bytes properties{};
    std::string body{};
    std::uint64_t announced = 0;

    std::string text_property(std::optional<codec::amqp091::ShortString> codec::amqp091::BasicProperties::* which
    ) const;
};

class Client {
public:
    Client(Stage& stage, const ClientPlan& plan) : stage_(stage), plan_(plan) {}
    virtual ~Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start() { connect(); }
    void take_step(const Step& step);
    void finish();  // connection.close, and not again

    // What a mishap does to it; nothing while it has no connection.
    std::optional<ConnectionId> connection() const { return id_; }
    bool running() const { return state_ == State::running; }
    // Connected, or its channel was closed and will be opened again.
    bool present() const { return running() || state_ == State::closed_channel; }
    bool gone() const { return !id_; }
    const ClientPlan& plan() const { return plan_; }

protected:
    virtual void opened() = 0;  // the channel is open, perhaps again: nothing of before is left
    virtual void lost() {}      // the channel is
    virtual void on_step(Prng&) {}
    virtual void on_message(const Incoming&) {}
    virtual void on_method(const codec::amqp091::Method&) {}

    void send(const codec::amqp091::Method& method);

    struct Outgoing {
        std::string exchange{};
        std::string routing_key{};
        std::string id{};  // message_id, by which everything is recognised
        bool persistent = true;
        bool mandatory = false;
        std::string reply_to{};
        std::size_t body_size = 0;
    };
    void publish(const Outgoing& message);
    void declare(const std::string& queue);

    // Not called if the channel was lost meanwhile.
    void later(Duration delay, std::function<void()> action);

    bool may_publish() const { return running() && !blocked_; }
    const Stage& stage() const { return stage_; }
    std::string next_id(std::string_view kind);
    Duration time_to_think(Prng& chance) const;  // none in the calm

private:
    enum class State : std::uint8_t { idle, connecting, running, closed_channel, ending, done };

    void connect();
    void arrived();
    void on_frame(const codec::amqp091::Frame& frame);
    void on_connection_method(const codec::amqp091::Method& method);
    void on_channel_method(const codec::amqp091::Method& method);
    bool begin_message(const codec::amqp091::Method& method);
    void complete_message();
    void channel_opened();
    void connection_lost();
    void beat();
    void give_up();
    void write(const codec::wire::Bytes& octets) { stage_.simulation.send(*id_, octets); }

    Stage& stage_;
    const ClientPlan plan_;
    std::optional<ConnectionId> id_;
    State state_ = State::idle;
    bool blocked_ = false;
    bool heard_ = false;
    std::uint32_t silent_beats_ = 0;
    std::uint32_t epoch_ = 0;  // counts channels and connections, for what is to happen later
    std::uint32_t tries_ = 0;
    std::uint64_t messages_ = 0;
    codec::amqp091::FrameSplitter splitter_{0};
    std::optional<Incoming> incoming_;
};

// Of the role its plan has.
std::unique_ptr<Client> make_client(Stage& stage, const ClientPlan& plan);

inline constexpr std::string_view exchange_name = "explore";  // direct; a queue's binding key is its name
std::string retry_queue_of(std::string_view queue);           // where what it rejects waits

}  // namespace simbroker::explore
