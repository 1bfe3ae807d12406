// One channel: it puts contents together from frames, answers methods, delivers messages and keeps account of them.
//
//   channel.cpp             frames, replies, closing
//   exchange_handlers.cpp   exchange.declare, delete     binding_handlers.cpp    bind and unbind of both classes
//   queue_handlers.cpp      class queue                  publish.cpp             basic.publish, confirms, tx
//   consume.cpp             basic.consume, get, qos      settlement.cpp          basic.ack, nack, reject, recover
//   stream_consumer.cpp     consumers of streams         delivery_timeout.cpp    deliveries nobody acknowledges
//   incoming_message.cpp    a content's properties       reply_consumer.cpp      direct reply-to
//   inspection.cpp          what an operator sees
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/model/inspection.hpp"
#include "simbroker/model/node.hpp"
#include "simbroker/server091/confirms.hpp"
#include "simbroker/server091/consumer.hpp"
#include "simbroker/server091/prefetch_window.hpp"
#include "simbroker/server091/remembered_permissions.hpp"
#include "simbroker/server091/violation.hpp"

namespace simbroker::server091 {

class Connection;
struct Resource;

// A message that went to the client and is not settled yet.
struct Unacknowledged {
    model::QueueId queue;
    model::QueuedMessage message;
    std::uint64_t consumer = 0;  // its number; 0: the message was got, not consumed
    Instant at{};                // delivered
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    std::size_t octets = 0;   // that count against a prefetch window; the message itself may have gone back
    bool taken_back = false;  // timed out: the queue has the message again, the client has yet to settle the delivery
};

using DeliveryTag = std::uint64_t;

// What the client said of some deliveries.
struct Settlement {
    enum class Kind : std::uint8_t { acknowledge, requeue, reject, nack };
    Kind kind{};
    extension::Return how{};  // of a requeue
    std::vector<std::pair<DeliveryTag, Unacknowledged>> deliveries;
};

// A publish whose routing is done and whose effect may have to wait for tx.commit.
struct Publication {
    std::shared_ptr<const model::Message> message;
    std::vector<model::QueueId> queues{};
    std::vector<std::string> queue_names{};  // in a transaction: of queues that may be others when it commits
    bool mandatory = false;
    bool immediate = false;
    std::uint64_t confirm_number = 0;  // 0: nobody waits for a confirm
    model::Charge charge{};            // in a transaction: no queue has it yet
};

class Channel final : public extension::ReplyReceiver {
public:
    // The serial number tells it from those that had the same number on the connection before.
    Channel(Connection& connection, codec::amqp091::ChannelNumber number, std::uint64_t serial);

    // A method frame, checked as far as a channel's first frame has to be.
    static std::expected<codec::amqp091::Method, Violation> decode(
        const codec::amqp091::Frame& frame, const profile::Deviations& deviations
    );

    // A violation given back is the connection's affair; those of the channel are dealt with here.
    std::expected<void, Violation> receive(const codec::amqp091::Frame& frame);

    bool closed() const { return state_ == State::closed; }
    void end();  // the connection goes: give everything back
    void flush_confirms();
    void disk_synced();  // what waited for it is confirmed
    void surrender();    // the broker stops: what the client holds goes back, and nobody hears of it
    void on_taken();     // so is what a queue took its time for
    void on_delivery_timeout();
    void time_out_deliveries(model::QueueId queue);
    bool consumes(std::string_view consumer_tag) const { return consumers_.contains(consumer_tag); }

    // What an operator sees (inspection.cpp): columns of the channel, and rows of their own.
    void describe(nlohmann::json& row) const;
    void add_consumers(model::Rows& rows, const nlohmann::json& place) const;
    void add_unacknowledged(model::Rows& rows, const nlohmann::json& place, std::string_view queue) const;

    // For its consumers.
    bool is_paused() const { return paused_; }
    bool windows_have_room_for(std::size_t octets) const;
    bool published(const model::Message& message) const;  // on the same connection
    model::Refuser as_refuser() const;
    bool within_channel_limit() const;
    bool transport_has_room() const;
    void deliver_more();
    void deliver(Consumer& consumer, model::Queue& queue, model::QueuedMessage message);
    void consumer_lost(Consumer& consumer);

    void receive_reply(const model::Message& reply) override;

private:
    enum class State : std::uint8_t { open, closing, closed };

    // A publish whose header or body has not come yet. It owns its strings: the frame they came in is gone.
    struct Incoming {
        std::string exchange;
        std::string routing_key;
        bool mandatory = false;
        bool immediate = false;
        bool has_header = false;
        std::uint64_t body_size = 0;
        std::uint64_t body_received = 0;
        codec::wire::Bytes property_octets;
        codec::wire::Bytes body;  // stays empty where the announced size is beyond the limit
        model::Charge charge{};
    };

    struct ReplyConsumer {
        std::string tag;
        std::string address;
    };

    struct Transaction {
        std::vector<Publication> publications;
        std::vector<Settlement> settlements;
    };

    // Frames to methods and contents (channel.cpp).
    std::expected<void, Violation> on_content_header(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> on_content_body(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> on_content_complete();
    std::expected<void, Violation> handle(const codec::amqp091::Method& method);
    std::expected<void, Violation> handle_while_closing(const codec::amqp091::Method& method);
    std::expected<void, Violation> conclude(Outcome outcome, codec::amqp091::MethodId id);
    void close_with(const Violation& violation, codec::amqp091::MethodId id);
    const profile::Deviations& deviations() const { return context().profile().deviations; }
    std::unexpected<Violation> wrong_header(std::string_view got) const;
    void send(const codec::amqp091::Method& method);

    Outcome on(const codec::amqp091::channel::Open&);
    Outcome on(const codec::amqp091::channel::Flow& flow);
    Outcome on(const codec::amqp091::channel::Close&);
    Outcome on(const codec::amqp091::access::Request&);
    Outcome on(const codec::amqp091::exchange::Declare& declare);
    Outcome on(const codec::amqp091::exchange::Delete& del);
    Outcome on(const codec::amqp091::exchange::Bind& bind);
    Outcome on(const codec::amqp091::exchange::Unbind& unbind);
    Outcome on(const codec::amqp091::queue::Declare& declare);
    Outcome on(const codec::amqp091::queue::Bind& bind);
    Outcome on(const codec::amqp091::queue::Unbind& unbind);
    Outcome on(const codec::amqp091::queue::Purge& purge);
    Outcome on(const codec::amqp091::queue::Delete& del);
    Outcome on(const codec::amqp091::basic::Qos& qos);
    Outcome on(const codec::amqp091::basic::Consume& consume);
    Outcome on(const codec::amqp091::basic::Cancel& cancel);
    Outcome on(const codec::amqp091::basic::CancelOk&);
    Outcome on(const codec::amqp091::basic::Publish& publish);
    Outcome on(const codec::amqp091::basic::Get& get);
    Outcome on(const codec::amqp091::basic::Ack& ack);
    Outcome on(const codec::amqp091::basic::Nack& nack);
    Outcome on(const codec::amqp091::basic::Reject& reject);
    Outcome on(const codec::amqp091::basic::Credit&);
    Outcome on(const codec::amqp091::basic::RecoverAsync& recover);
    Outcome on(const codec::amqp091::basic::Recover& recover);
    Outcome on(const codec::amqp091::tx::Select&);
    Outcome on(const codec::amqp091::tx::Commit&);
    Outcome on(const codec::amqp091::tx::Rollback&);
    Outcome on(const codec::amqp091::confirm::Select& select);

    // What only a server sends, and class connection, have no business here.
    static constexpr bool is_for_channels(codec::amqp091::Peer sender, std::uint16_t class_id) {
        return sender == codec::amqp091::Peer::client && class_id != codec::amqp091::connection::Open::id.class_id;
    }
    template <class M>
        requires(!is_for_channels(M::sender, M::id.class_id))
    Outcome on(const M&) {
        return refuse(ViolationName::method_not_for_clients, "unimplemented method");
    }

    // Permissions and limits.
    std::expected<void, Violation> check(model::Permission permission, Resource resource) const;
    std::expected<void, Violation> check_topic(
        model::Permission permission, const model::Exchange& exchange, std::string_view key
    ) const;
    std::expected<void, Violation> check_memory(std::size_t octets) const;
    std::expected<void, Violation> check_dead_letter_exchange(
        const std::string& queue, const codec::amqp091::queue::Declare& declare
    ) const;
    std::expected<void, Violation> check_queue_limit(std::string_view name) const;
    std::expected<void, Violation> check_exchange_limit(std::string_view name) const;
    std::expected<void, Violation> check_alternate_exchange(
        std::string_view name, const codec::amqp091::exchange::Declare& declare
    ) const;
    std::expected<void, Violation> check_topics(const model::Exchange& exchange, const model::Message& message) const;

    // Names (queue_handlers.cpp).
    std::expected<std::string, Violation> queue_name(std::string_view given) const;
    std::expected<model::Queue*, Violation> queue_to_use(std::string_view given);
    std::expected<model::Queue*, Violation> queue_to_read(std::string_view given);
    Violation no_such_queue(std::string_view name) const;
    Violation queue_locked(std::string_view name) const;
    Violation no_such_exchange(std::string_view name) const;
    Violation unknown_exchange_type(std::string_view type) const;
    Violation exchange_refused(extension::TypeRefusal refusal) const;
    static Violation default_exchange_protected();
    std::expected<void, Violation> check_name(ViolationName wrong, std::string_view name) const;
    std::expected<void, Violation> check_redeclaration(
        const model::Exchange& exchange, model::ExchangeType type, const codec::amqp091::exchange::Declare& declare
    ) const;
    bool may_declare_reserved(std::string_view name) const;
    Outcome declare_passively(std::string_view name, bool no_wait);
    Outcome redeclare(model::Queue& queue, const codec::amqp091::queue::Declare& declare);
    std::expected<void, Violation> check_features(const codec::amqp091::queue::Declare& declare) const;
    Outcome declare_new(const std::string& name, const codec::amqp091::queue::Declare& declare);
    Outcome declared(model::Queue& queue, bool no_wait);
    std::expected<void, Violation> check_binding(
        model::Destination::Kind kind, std::string_view destination, std::string_view source, std::string_view key
    ) const;
    std::expected<model::Exchange*, Violation> binding_source(std::string_view name);
    std::expected<void, Violation> bind(model::Exchange& source, const model::Binding& binding);
    std::expected<void, Violation> check_owner(const model::Destination& destination);
    std::expected<void, Violation> unbind(std::string_view source, const model::Binding& binding);
    static bool is_fixed(std::string_view source, const model::Binding& binding);

    // Publishing (publish.cpp).
    Outcome publish(Incoming incoming);
    std::expected<std::shared_ptr<model::Message>, Violation> permitted_message(
        const model::Exchange& exchange, Incoming& incoming
    ) const;
    std::expected<std::shared_ptr<model::Message>, Violation> make_message(
        Incoming& incoming,
        const codec::amqp091::BasicProperties& properties,
        const std::optional<std::string>& reply_address
    ) const;
    std::expected<void, Violation> check_user_id(const codec::amqp091::BasicProperties& properties) const;
    std::expected<std::optional<std::string>, Violation> reply_address_for(
        const codec::amqp091::BasicProperties& properties
    ) const;
    enum class Carried : std::uint8_t { out, refused };
    Carried carry_out(const Publication& publication);
    void confirm(const Publication& publication, Carried carried, model::WriteNumber written_before);
    std::vector<std::string> names_until_commit(const model::Message& message, const std::vector<model::Queue*>& queues)
        const;
    bool looks_for_queues_at_commit() const;
    void look_for_queues(Publication& publication) const;
    Instant taken_at(const Publication& publication) const;
    void watch_confirms();
    void commit_if_safe();
    std::expected<void, Violation> check_queues_exist(const std::vector<Publication>& publications) const;
    void send_back(const Publication& publication, codec::amqp091::ReplyCode why);
    void roll_back();

    // Consuming (consume.cpp).
    std::expected<void, Violation> check_consumer(
        const model::Queue& queue, const codec::amqp091::basic::Consume& consume
    ) const;
    void send_content(const model::Queue& queue, const model::QueuedMessage& message, extension::Passage passage);
    std::expected<void, Violation> check_stream_offset(
        const model::Queue& queue, const codec::amqp091::FieldTable& arguments
    ) const;
    Outcome set_window(const codec::amqp091::basic::Qos& qos);
    void send_delivery(const Consumer& consumer, const model::Queue& queue, const model::QueuedMessage& queued);
    void begin_reading(model::Queue& stream, const Consumer& reader, const codec::amqp091::FieldTable& arguments);
    void remove_consumer(Consumer& consumer);
    void tell_of_consumer(Event::Kind kind, const std::string& queue, const std::string& tag);
    Consumer* find_consumer(std::uint64_t number);

    // Direct reply-to (reply_consumer.cpp).
    Outcome consume_replies(const codec::amqp091::basic::Consume& consume);
    void forget_reply_consumer();
    bool fails_at_malformed_reply_addresses() const;
    bool offers_direct_replies() const;
    bool reply_directly(const model::Message& reply);
    std::optional<Outcome> declare_reply_queue(std::string_view name, bool no_wait);

    // Deliveries that stay unacknowledged for too long (delivery_timeout.cpp).
    void remember(DeliveryTag tag, const model::Queue& queue, model::QueuedMessage message, const Consumer* consumer);
    Instant due(const Unacknowledged& delivery) const;
    void watch_deliveries();
    void time_out(const std::vector<DeliveryTag>& tags);
    void time_out(Unacknowledged& delivery);
    void close_for(const Unacknowledged& delivery);

    // Settling (settlement.cpp).
    enum class Reach : std::uint8_t { single, multiple };
    struct Verdict {
        Settlement::Kind kind{};
        extension::Return how{};
    };
    std::expected<Settlement, Violation> select(Verdict verdict, DeliveryTag tag, Reach reach);
    Outcome settle(Verdict verdict, DeliveryTag tag, Reach reach);
    std::expected<void, Violation> check_streams(const Settlement& settlement) const;
    void carry_out(Settlement settlement);
    void return_credit(const Settlement& settlement);
    enum class Part : std::uint8_t { consumed, everything };
    Settlement everything_back(Part part, extension::Return how);
    void requeue(Part part, extension::Return how);
    std::expected<void, Violation> recover_by_requeueing(bool requeue);
    void deliver_again();

    extension::Subject subject(std::string_view queue) const;

    model::Context& context() const;
    model::VirtualHost& vhost() const;

    Connection& connection_;
    codec::amqp091::ChannelNumber number_;
    std::uint64_t serial_;
    State state_ = State::open;
    std::optional<Incoming> incoming_;
    model::Charge charge_;
    mutable RememberedPermissions allowed_before_;  // a check that is passed leaves its mark here
    std::string last_queue_;                        // the queue declared last, which an empty name means

    Instant opened_at_;
    model::Timers::Handle delivery_timer_;
    DeliveryTag last_delivery_tag_ = 0;
    std::map<DeliveryTag, Unacknowledged> unacknowledged_;
    std::map<std::string, std::unique_ptr<Consumer>, std::less<>> consumers_;
    std::uint64_t last_consumer_ = 0;
    std::optional<ReplyConsumer> reply_consumer_;

    std::uint32_t consumer_prefetch_ = 0;  // for consumers to come
    std::uint32_t channel_prefetch_ = 0;   // for all consumers together
    std::uint32_t counted_ = 0;            // deliveries that count against channel_prefetch_
    PrefetchWindow window_;                // where the profile has windows instead
    bool paused_ = false;                  // by channel.flow

    Confirms confirms_;
    std::optional<Transaction> transaction_;
    // tx.commit-ok waits for this write, and for queues that take their time.
    struct Committing {
        model::WriteNumber write = 0;
        Instant taken_at{};
    };
    std::optional<Committing> committing_;
    model::Timers::Handle taken_timer_;
};

}  // namespace simbroker::server091
