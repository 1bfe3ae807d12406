// THE TABLE of AMQP 0-9-1: every method of the specification and of RabbitMQ's extended one, one struct each.
// To add a method, add its struct and its name in `Method`; everything that can be derived from a row is.
// The published document says which of its fields mean what; here stand only shape, ids and direction.
//
//   frame payload = short(class-id) short(method-id) *field    consecutive bits share octets, low bit first (4.2.5.2)
#pragma once

#include <variant>

#include "codec/amqp091/field_table.hpp"
#include "codec/amqp091/row.hpp"
#include "codec/amqp091/values.hpp"

namespace codec::amqp091 {

namespace connection {

struct Start {
    Octet version_major{}, version_minor{};
    FieldTable server_properties{};
    LongString mechanisms{}, locales{};
    static constexpr std::string_view name = "connection.start";
    static constexpr MethodId id{10, 10};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields =
        row(field("version_major", &Start::version_major),
            field("version_minor", &Start::version_minor),
            field("server_properties", &Start::server_properties),
            field("mechanisms", &Start::mechanisms),
            field("locales", &Start::locales));
    friend bool operator==(const Start&, const Start&) = default;
};

struct StartOk {
    FieldTable client_properties{};
    ShortString mechanism{};
    LongString response{};
    ShortString locale{};
    static constexpr std::string_view name = "connection.start-ok";
    static constexpr MethodId id{10, 11};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("client_properties", &StartOk::client_properties),
            field("mechanism", &StartOk::mechanism),
            field("response", &StartOk::response),
            field("locale", &StartOk::locale));
    friend bool operator==(const StartOk&, const StartOk&) = default;
};

struct Secure {
    LongString challenge{};
    static constexpr std::string_view name = "connection.secure";
    static constexpr MethodId id{10, 20};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("challenge", &Secure::challenge));
    friend bool operator==(const Secure&, const Secure&) = default;
};

struct SecureOk {
    LongString response{};
    static constexpr std::string_view name = "connection.secure-ok";
    static constexpr MethodId id{10, 21};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(field("response", &SecureOk::response));
    friend bool operator==(const SecureOk&, const SecureOk&) = default;
};

struct Tune {
    Short channel_max{};
    Long frame_max{};
    Short heartbeat{};
    static constexpr std::string_view name = "connection.tune";
    static constexpr MethodId id{10, 30};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields =
        row(field("channel_max", &Tune::channel_max),
            field("frame_max", &Tune::frame_max),
            field("heartbeat", &Tune::heartbeat));
    friend bool operator==(const Tune&, const Tune&) = default;
};

struct TuneOk {
    Short channel_max{};
    Long frame_max{};
    Short heartbeat{};
    static constexpr std::string_view name = "connection.tune-ok";
    static constexpr MethodId id{10, 31};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("channel_max", &TuneOk::channel_max),
            field("frame_max", &TuneOk::frame_max),
            field("heartbeat", &TuneOk::heartbeat));
    friend bool operator==(const TuneOk&, const TuneOk&) = default;
};

struct Open {
    ShortString virtual_host{};
    static constexpr std::string_view name = "connection.open";
    static constexpr MethodId id{10, 40};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("virtual_host", &Open::virtual_host), reserved<ShortString>("reserved_1"), reserved<Bit>("reserved_2")
        );
    friend bool operator==(const Open&, const Open&) = default;
};

struct OpenOk {
    static constexpr std::string_view name = "connection.open-ok";
    static constexpr MethodId id{10, 41};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(reserved<ShortString>("reserved_1"));
    friend bool operator==(const OpenOk&, const OpenOk&) = default;
};

struct Close {
    Short reply_code{};
    ShortString reply_text{};
    Short class_id{}, method_id{};
    static constexpr std::string_view name = "connection.close";
    static constexpr MethodId id{10, 50};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields =
        row(field("reply_code", &Close::reply_code),
            field("reply_text", &Close::reply_text),
            field("class_id", &Close::class_id),
            field("method_id", &Close::method_id));
    friend bool operator==(const Close&, const Close&) = default;
};

struct CloseOk {
    static constexpr std::string_view name = "connection.close-ok";
    static constexpr MethodId id{10, 51};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row();
    friend bool operator==(const CloseOk&, const CloseOk&) = default;
};

struct Blocked {
    ShortString reason{};
    static constexpr std::string_view name = "connection.blocked";
    static constexpr MethodId id{10, 60};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("reason", &Blocked::reason));
    friend bool operator==(const Blocked&, const Blocked&) = default;
};

struct Unblocked {
    static constexpr std::string_view name = "connection.unblocked";
    static constexpr MethodId id{10, 61};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const Unblocked&, const Unblocked&) = default;
};

struct UpdateSecret {
    LongString new_secret{};
    ShortString reason{};
    static constexpr std::string_view name = "connection.update-secret";
    static constexpr MethodId id{10, 70};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("new_secret", &UpdateSecret::new_secret), field("reason", &UpdateSecret::reason));
    friend bool operator==(const UpdateSecret&, const UpdateSecret&) = default;
};

struct UpdateSecretOk {
    static constexpr std::string_view name = "connection.update-secret-ok";
    static constexpr MethodId id{10, 71};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const UpdateSecretOk&, const UpdateSecretOk&) = default;
};

}  // namespace connection

namespace channel {

struct Open {
    static constexpr std::string_view name = "channel.open";
    static constexpr MethodId id{20, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(reserved<ShortString>("reserved_1"));
    friend bool operator==(const Open&, const Open&) = default;
};

struct OpenOk {
    static constexpr std::string_view name = "channel.open-ok";
    static constexpr MethodId id{20, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(reserved<LongString>("reserved_1"));
    friend bool operator==(const OpenOk&, const OpenOk&) = default;
};

struct Flow {
    Bit active{};
    static constexpr std::string_view name = "channel.flow";
    static constexpr MethodId id{20, 20};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row(field("active", &Flow::active));
    friend bool operator==(const Flow&, const Flow&) = default;
};

struct FlowOk {
    Bit active{};
    static constexpr std::string_view name = "channel.flow-ok";
    static constexpr MethodId id{20, 21};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row(field("active", &FlowOk::active));
    friend bool operator==(const FlowOk&, const FlowOk&) = default;
};

struct Close {
    Short reply_code{};
    ShortString reply_text{};
    Short class_id{}, method_id{};
    static constexpr std::string_view name = "channel.close";
    static constexpr MethodId id{20, 40};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields =
        row(field("reply_code", &Close::reply_code),
            field("reply_text", &Close::reply_text),
            field("class_id", &Close::class_id),
            field("method_id", &Close::method_id));
    friend bool operator==(const Close&, const Close&) = default;
};

struct CloseOk {
    static constexpr std::string_view name = "channel.close-ok";
    static constexpr MethodId id{20, 41};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row();
    friend bool operator==(const CloseOk&, const CloseOk&) = default;
};

}  // namespace channel

namespace access {

struct Request {
    ShortString realm{};
    Bit exclusive{}, passive{}, active{}, write{}, read{};
    static constexpr std::string_view name = "access.request";
    static constexpr MethodId id{30, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("realm", &Request::realm),
            field("exclusive", &Request::exclusive),
            field("passive", &Request::passive),
            field("active", &Request::active),
            field("write", &Request::write),
            field("read", &Request::read));
    friend bool operator==(const Request&, const Request&) = default;
};

struct RequestOk {
    Short ticket{};
    static constexpr std::string_view name = "access.request-ok";
    static constexpr MethodId id{30, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("ticket", &RequestOk::ticket));
    friend bool operator==(const RequestOk&, const RequestOk&) = default;
};

}  // namespace access

namespace exchange {

struct Declare {
    ShortString exchange{}, type{};
    Bit passive{}, durable{}, auto_delete{}, internal{}, no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "exchange.declare";
    static constexpr MethodId id{40, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("exchange", &Declare::exchange),
            field("type", &Declare::type),
            field("passive", &Declare::passive),
            field("durable", &Declare::durable),
            field("auto_delete", &Declare::auto_delete),
            field("internal", &Declare::internal),
            field("no_wait", &Declare::no_wait),
            field("arguments", &Declare::arguments));
    friend bool operator==(const Declare&, const Declare&) = default;
};

struct DeclareOk {
    static constexpr std::string_view name = "exchange.declare-ok";
    static constexpr MethodId id{40, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const DeclareOk&, const DeclareOk&) = default;
};

struct Delete {
    ShortString exchange{};
    Bit if_unused{}, no_wait{};
    static constexpr std::string_view name = "exchange.delete";
    static constexpr MethodId id{40, 20};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("exchange", &Delete::exchange),
            field("if_unused", &Delete::if_unused),
            field("no_wait", &Delete::no_wait));
    friend bool operator==(const Delete&, const Delete&) = default;
};

struct DeleteOk {
    static constexpr std::string_view name = "exchange.delete-ok";
    static constexpr MethodId id{40, 21};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const DeleteOk&, const DeleteOk&) = default;
};

struct Bind {
    ShortString destination{}, source{}, routing_key{};
    Bit no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "exchange.bind";
    static constexpr MethodId id{40, 30};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("destination", &Bind::destination),
            field("source", &Bind::source),
            field("routing_key", &Bind::routing_key),
            field("no_wait", &Bind::no_wait),
            field("arguments", &Bind::arguments));
    friend bool operator==(const Bind&, const Bind&) = default;
};

struct BindOk {
    static constexpr std::string_view name = "exchange.bind-ok";
    static constexpr MethodId id{40, 31};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const BindOk&, const BindOk&) = default;
};

struct Unbind {
    ShortString destination{}, source{}, routing_key{};
    Bit no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "exchange.unbind";
    static constexpr MethodId id{40, 40};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("destination", &Unbind::destination),
            field("source", &Unbind::source),
            field("routing_key", &Unbind::routing_key),
            field("no_wait", &Unbind::no_wait),
            field("arguments", &Unbind::arguments));
    friend bool operator==(const Unbind&, const Unbind&) = default;
};

struct UnbindOk {
    static constexpr std::string_view name = "exchange.unbind-ok";
    static constexpr MethodId id{40, 51};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const UnbindOk&, const UnbindOk&) = default;
};

}  // namespace exchange

namespace queue {

struct Declare {
    ShortString queue{};
    Bit passive{}, durable{}, exclusive{}, auto_delete{}, no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "queue.declare";
    static constexpr MethodId id{50, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("queue", &Declare::queue),
            field("passive", &Declare::passive),
            field("durable", &Declare::durable),
            field("exclusive", &Declare::exclusive),
            field("auto_delete", &Declare::auto_delete),
            field("no_wait", &Declare::no_wait),
            field("arguments", &Declare::arguments));
    friend bool operator==(const Declare&, const Declare&) = default;
};

struct DeclareOk {
    ShortString queue{};
    Long message_count{}, consumer_count{};
    static constexpr std::string_view name = "queue.declare-ok";
    static constexpr MethodId id{50, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields =
        row(field("queue", &DeclareOk::queue),
            field("message_count", &DeclareOk::message_count),
            field("consumer_count", &DeclareOk::consumer_count));
    friend bool operator==(const DeclareOk&, const DeclareOk&) = default;
};

struct Bind {
    ShortString queue{}, exchange{}, routing_key{};
    Bit no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "queue.bind";
    static constexpr MethodId id{50, 20};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("queue", &Bind::queue),
            field("exchange", &Bind::exchange),
            field("routing_key", &Bind::routing_key),
            field("no_wait", &Bind::no_wait),
            field("arguments", &Bind::arguments));
    friend bool operator==(const Bind&, const Bind&) = default;
};

struct BindOk {
    static constexpr std::string_view name = "queue.bind-ok";
    static constexpr MethodId id{50, 21};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const BindOk&, const BindOk&) = default;
};

struct Unbind {
    ShortString queue{}, exchange{}, routing_key{};
    FieldTable arguments{};
    static constexpr std::string_view name = "queue.unbind";
    static constexpr MethodId id{50, 50};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("queue", &Unbind::queue),
            field("exchange", &Unbind::exchange),
            field("routing_key", &Unbind::routing_key),
            field("arguments", &Unbind::arguments));
    friend bool operator==(const Unbind&, const Unbind&) = default;
};

struct UnbindOk {
    static constexpr std::string_view name = "queue.unbind-ok";
    static constexpr MethodId id{50, 51};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const UnbindOk&, const UnbindOk&) = default;
};

struct Purge {
    ShortString queue{};
    Bit no_wait{};
    static constexpr std::string_view name = "queue.purge";
    static constexpr MethodId id{50, 30};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"), field("queue", &Purge::queue), field("no_wait", &Purge::no_wait));
    friend bool operator==(const Purge&, const Purge&) = default;
};

struct PurgeOk {
    Long message_count{};
    static constexpr std::string_view name = "queue.purge-ok";
    static constexpr MethodId id{50, 31};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("message_count", &PurgeOk::message_count));
    friend bool operator==(const PurgeOk&, const PurgeOk&) = default;
};

struct Delete {
    ShortString queue{};
    Bit if_unused{}, if_empty{}, no_wait{};
    static constexpr std::string_view name = "queue.delete";
    static constexpr MethodId id{50, 40};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("queue", &Delete::queue),
            field("if_unused", &Delete::if_unused),
            field("if_empty", &Delete::if_empty),
            field("no_wait", &Delete::no_wait));
    friend bool operator==(const Delete&, const Delete&) = default;
};

struct DeleteOk {
    Long message_count{};
    static constexpr std::string_view name = "queue.delete-ok";
    static constexpr MethodId id{50, 41};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("message_count", &DeleteOk::message_count));
    friend bool operator==(const DeleteOk&, const DeleteOk&) = default;
};

}  // namespace queue

namespace basic {

struct Qos {
    Long prefetch_size{};
    Short prefetch_count{};
    Bit global{};
    static constexpr std::string_view name = "basic.qos";
    static constexpr MethodId id{60, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("prefetch_size", &Qos::prefetch_size),
            field("prefetch_count", &Qos::prefetch_count),
            field("global", &Qos::global));
    friend bool operator==(const Qos&, const Qos&) = default;
};

struct QosOk {
    static constexpr std::string_view name = "basic.qos-ok";
    static constexpr MethodId id{60, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const QosOk&, const QosOk&) = default;
};

struct Consume {
    ShortString queue{}, consumer_tag{};
    Bit no_local{}, no_ack{}, exclusive{}, no_wait{};
    FieldTable arguments{};
    static constexpr std::string_view name = "basic.consume";
    static constexpr MethodId id{60, 20};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("queue", &Consume::queue),
            field("consumer_tag", &Consume::consumer_tag),
            field("no_local", &Consume::no_local),
            field("no_ack", &Consume::no_ack),
            field("exclusive", &Consume::exclusive),
            field("no_wait", &Consume::no_wait),
            field("arguments", &Consume::arguments));
    friend bool operator==(const Consume&, const Consume&) = default;
};

struct ConsumeOk {
    ShortString consumer_tag{};
    static constexpr std::string_view name = "basic.consume-ok";
    static constexpr MethodId id{60, 21};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("consumer_tag", &ConsumeOk::consumer_tag));
    friend bool operator==(const ConsumeOk&, const ConsumeOk&) = default;
};

struct Cancel {
    ShortString consumer_tag{};
    Bit no_wait{};
    static constexpr std::string_view name = "basic.cancel";
    static constexpr MethodId id{60, 30};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields =
        row(field("consumer_tag", &Cancel::consumer_tag), field("no_wait", &Cancel::no_wait));
    friend bool operator==(const Cancel&, const Cancel&) = default;
};

struct CancelOk {
    ShortString consumer_tag{};
    static constexpr std::string_view name = "basic.cancel-ok";
    static constexpr MethodId id{60, 31};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row(field("consumer_tag", &CancelOk::consumer_tag));
    friend bool operator==(const CancelOk&, const CancelOk&) = default;
};

struct Publish {
    ShortString exchange{}, routing_key{};
    Bit mandatory{}, immediate{};
    static constexpr std::string_view name = "basic.publish";
    static constexpr MethodId id{60, 40};
    static constexpr auto sender = Peer::client;
    static constexpr auto carries = Carries::content;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"),
            field("exchange", &Publish::exchange),
            field("routing_key", &Publish::routing_key),
            field("mandatory", &Publish::mandatory),
            field("immediate", &Publish::immediate));
    friend bool operator==(const Publish&, const Publish&) = default;
};

struct Return {
    Short reply_code{};
    ShortString reply_text{}, exchange{}, routing_key{};
    static constexpr std::string_view name = "basic.return";
    static constexpr MethodId id{60, 50};
    static constexpr auto sender = Peer::server;
    static constexpr auto carries = Carries::content;
    static constexpr auto fields =
        row(field("reply_code", &Return::reply_code),
            field("reply_text", &Return::reply_text),
            field("exchange", &Return::exchange),
            field("routing_key", &Return::routing_key));
    friend bool operator==(const Return&, const Return&) = default;
};

struct Deliver {
    ShortString consumer_tag{};
    LongLong delivery_tag{};
    Bit redelivered{};
    ShortString exchange{}, routing_key{};
    static constexpr std::string_view name = "basic.deliver";
    static constexpr MethodId id{60, 60};
    static constexpr auto sender = Peer::server;
    static constexpr auto carries = Carries::content;
    static constexpr auto fields =
        row(field("consumer_tag", &Deliver::consumer_tag),
            field("delivery_tag", &Deliver::delivery_tag),
            field("redelivered", &Deliver::redelivered),
            field("exchange", &Deliver::exchange),
            field("routing_key", &Deliver::routing_key));
    friend bool operator==(const Deliver&, const Deliver&) = default;
};

struct Get {
    ShortString queue{};
    Bit no_ack{};
    static constexpr std::string_view name = "basic.get";
    static constexpr MethodId id{60, 70};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(reserved<Short>("reserved_1"), field("queue", &Get::queue), field("no_ack", &Get::no_ack));
    friend bool operator==(const Get&, const Get&) = default;
};

struct GetOk {
    LongLong delivery_tag{};
    Bit redelivered{};
    ShortString exchange{}, routing_key{};
    Long message_count{};
    static constexpr std::string_view name = "basic.get-ok";
    static constexpr MethodId id{60, 71};
    static constexpr auto sender = Peer::server;
    static constexpr auto carries = Carries::content;
    static constexpr auto fields =
        row(field("delivery_tag", &GetOk::delivery_tag),
            field("redelivered", &GetOk::redelivered),
            field("exchange", &GetOk::exchange),
            field("routing_key", &GetOk::routing_key),
            field("message_count", &GetOk::message_count));
    friend bool operator==(const GetOk&, const GetOk&) = default;
};

struct GetEmpty {
    static constexpr std::string_view name = "basic.get-empty";
    static constexpr MethodId id{60, 72};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(reserved<ShortString>("reserved_1"));
    friend bool operator==(const GetEmpty&, const GetEmpty&) = default;
};

struct Ack {
    LongLong delivery_tag{};
    Bit multiple{};
    static constexpr std::string_view name = "basic.ack";
    static constexpr MethodId id{60, 80};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row(field("delivery_tag", &Ack::delivery_tag), field("multiple", &Ack::multiple));
    friend bool operator==(const Ack&, const Ack&) = default;
};

struct Reject {
    LongLong delivery_tag{};
    Bit requeue{};
    static constexpr std::string_view name = "basic.reject";
    static constexpr MethodId id{60, 90};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields =
        row(field("delivery_tag", &Reject::delivery_tag), field("requeue", &Reject::requeue));
    friend bool operator==(const Reject&, const Reject&) = default;
};

struct RecoverAsync {
    Bit requeue{};
    static constexpr std::string_view name = "basic.recover-async";
    static constexpr MethodId id{60, 100};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(field("requeue", &RecoverAsync::requeue));
    friend bool operator==(const RecoverAsync&, const RecoverAsync&) = default;
};

struct Recover {
    Bit requeue{};
    static constexpr std::string_view name = "basic.recover";
    static constexpr MethodId id{60, 110};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(field("requeue", &Recover::requeue));
    friend bool operator==(const Recover&, const Recover&) = default;
};

struct RecoverOk {
    static constexpr std::string_view name = "basic.recover-ok";
    static constexpr MethodId id{60, 111};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const RecoverOk&, const RecoverOk&) = default;
};

struct Nack {
    LongLong delivery_tag{};
    Bit multiple{}, requeue{};
    static constexpr std::string_view name = "basic.nack";
    static constexpr MethodId id{60, 120};
    static constexpr auto sender = Peer::both;
    static constexpr auto fields = row(
        field("delivery_tag", &Nack::delivery_tag), field("multiple", &Nack::multiple), field("requeue", &Nack::requeue)
    );
    friend bool operator==(const Nack&, const Nack&) = default;
};

// The credit of one consumer (RabbitMQ up to 3.13): an internal method of its AMQP 1.0 plug-in, gone since 4.0.
struct Credit {
    ShortString consumer_tag{};
    Long credit{};
    Bit drain{};
    static constexpr std::string_view name = "basic.credit";
    static constexpr MethodId id{60, 200};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(
        field("consumer_tag", &Credit::consumer_tag), field("credit", &Credit::credit), field("drain", &Credit::drain)
    );
    friend bool operator==(const Credit&, const Credit&) = default;
};

struct CreditOk {
    Long available{};
    static constexpr std::string_view name = "basic.credit-ok";
    static constexpr MethodId id{60, 201};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row(field("available", &CreditOk::available));
    friend bool operator==(const CreditOk&, const CreditOk&) = default;
};

struct CreditDrained {
    ShortString consumer_tag{};
    Long credit_drained{};
    static constexpr std::string_view name = "basic.credit-drained";
    static constexpr MethodId id{60, 202};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields =
        row(field("consumer_tag", &CreditDrained::consumer_tag),
            field("credit_drained", &CreditDrained::credit_drained));
    friend bool operator==(const CreditDrained&, const CreditDrained&) = default;
};

}  // namespace basic

namespace tx {

struct Select {
    static constexpr std::string_view name = "tx.select";
    static constexpr MethodId id{90, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row();
    friend bool operator==(const Select&, const Select&) = default;
};

struct SelectOk {
    static constexpr std::string_view name = "tx.select-ok";
    static constexpr MethodId id{90, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const SelectOk&, const SelectOk&) = default;
};

struct Commit {
    static constexpr std::string_view name = "tx.commit";
    static constexpr MethodId id{90, 20};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row();
    friend bool operator==(const Commit&, const Commit&) = default;
};

struct CommitOk {
    static constexpr std::string_view name = "tx.commit-ok";
    static constexpr MethodId id{90, 21};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const CommitOk&, const CommitOk&) = default;
};

struct Rollback {
    static constexpr std::string_view name = "tx.rollback";
    static constexpr MethodId id{90, 30};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row();
    friend bool operator==(const Rollback&, const Rollback&) = default;
};

struct RollbackOk {
    static constexpr std::string_view name = "tx.rollback-ok";
    static constexpr MethodId id{90, 31};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const RollbackOk&, const RollbackOk&) = default;
};

}  // namespace tx

namespace confirm {

struct Select {
    Bit no_wait{};
    static constexpr std::string_view name = "confirm.select";
    static constexpr MethodId id{85, 10};
    static constexpr auto sender = Peer::client;
    static constexpr auto fields = row(field("no_wait", &Select::no_wait));
    friend bool operator==(const Select&, const Select&) = default;
};

struct SelectOk {
    static constexpr std::string_view name = "confirm.select-ok";
    static constexpr MethodId id{85, 11};
    static constexpr auto sender = Peer::server;
    static constexpr auto fields = row();
    friend bool operator==(const SelectOk&, const SelectOk&) = default;
};

}  // namespace confirm

using Method = std::variant<
    connection::Start,
    connection::StartOk,
    connection::Secure,
    connection::SecureOk,
    connection::Tune,
    connection::TuneOk,
    connection::Open,
    connection::OpenOk,
    connection::Close,
    connection::CloseOk,
    connection::Blocked,
    connection::Unblocked,
    connection::UpdateSecret,
    connection::UpdateSecretOk,
    channel::Open,
    channel::OpenOk,
    channel::Flow,
    channel::FlowOk,
    channel::Close,
    channel::CloseOk,
    access::Request,
    access::RequestOk,
    exchange::Declare,
    exchange::DeclareOk,
    exchange::Delete,
    exchange::DeleteOk,
    exchange::Bind,
    exchange::BindOk,
    exchange::Unbind,
    exchange::UnbindOk,
    queue::Declare,
    queue::DeclareOk,
    queue::Bind,
    queue::BindOk,
    queue::Unbind,
    queue::UnbindOk,
    queue::Purge,
    queue::PurgeOk,
    queue::Delete,
    queue::DeleteOk,
    basic::Qos,
    basic::QosOk,
    basic::Consume,
    basic::ConsumeOk,
    basic::Cancel,
    basic::CancelOk,
    basic::Publish,
    basic::Return,
    basic::Deliver,
    basic::Get,
    basic::GetOk,
    basic::GetEmpty,
    basic::Ack,
    basic::Reject,
    basic::RecoverAsync,
    basic::Recover,
    basic::RecoverOk,
    basic::Nack,
    basic::Credit,
    basic::CreditOk,
    basic::CreditDrained,
    tx::Select,
    tx::SelectOk,
    tx::Commit,
    tx::CommitOk,
    tx::Rollback,
    tx::RollbackOk,
    confirm::Select,
    confirm::SelectOk>;

}  // namespace codec::amqp091
