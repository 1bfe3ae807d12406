#include "conformance/shim/rabbitmq-c/operations.hpp"

namespace shim {
namespace {

json publish(const json& it) {
    Pool pool;
    const auto channel = channel_of(it);
    const auto properties = properties_from_json(pool, it.value("properties", json::object()));
    const auto status = amqp_basic_publish(
        session->state(),
        channel,
        pool.bytes(it.value("exchange", "")),
        pool.bytes(it.value("routing_key", "")),
        it.value("mandatory", false),
        0,
        &properties,
        pool.body(it.value("body", json("")))
    );
    session->check_status(status);
    if (!session->confirming.contains(channel)) return json::object();
    session->wait_for_confirm(channel);
    return {{"confirmed", true}};
}

json get(const json& it) {
    Pool pool;
    const auto channel = channel_of(it);
    const auto state = session->state();
    const auto reply = amqp_basic_get(state, channel, pool.bytes(it.at("queue")), it.value("auto_ack", false));
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) session->check(channel);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return {{"message", nullptr}};
    const auto& ok = *static_cast<amqp_basic_get_ok_t*>(reply.reply.decoded);
    json told{
        {"delivery_tag", ok.delivery_tag},
        {"redelivered", ok.redelivered != 0},
        {"exchange", text_of(ok.exchange)},
        {"routing_key", text_of(ok.routing_key)},
        {"message_count", ok.message_count},
    };
    amqp_message_t message;
    const auto read = amqp_read_message(state, channel, &message, 0);
    if (read.reply_type != AMQP_RESPONSE_NORMAL) session->check_status(read.library_error);
    told.update(content_to_json(message.properties, message.body));
    amqp_destroy_message(&message);
    return {{"message", told}};
}

auto* consume(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_basic_consume(
        state,
        channel,
        pool.bytes(it.at("queue")),
        pool.bytes(it.value("consumer_tag", "")),
        it.value("no_local", false),
        it.value("auto_ack", false),
        it.value("exclusive", false),
        pool.table(it.value("arguments", json()))
    );
}

}  // namespace

Operations basic_operations() {
    return {
        {"basic.qos", on([](State state, Channel channel, const json& it, Pool&) {
             const auto count = it.value("prefetch_count", 0);
             if (count < 0 || count > 65535) throw Unsupported("a prefetch count is 16 bits in this interface");
             const auto size = it.value("prefetch_size", 0U);
             return amqp_basic_qos(state, channel, size, static_cast<std::uint16_t>(count), it.value("global", false));
         })},
        {"basic.publish", publish},
        {"basic.consume", on(consume)},
        {"basic.cancel", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_basic_cancel(state, channel, pool.bytes(it.at("consumer_tag")));
         })},
        {"basic.get", get},
        {"basic.ack", sent([](State state, Channel channel, const json& it) {
             return amqp_basic_ack(state, channel, it.at("delivery_tag"), it.value("multiple", false));
         })},
        {"basic.nack", sent([](State state, Channel channel, const json& it) {
             const bool multiple = it.value("multiple", false);
             return amqp_basic_nack(state, channel, it.at("delivery_tag"), multiple, it.value("requeue", true));
         })},
        {"basic.reject", sent([](State state, Channel channel, const json& it) {
             return amqp_basic_reject(state, channel, it.at("delivery_tag"), it.value("requeue", true));
         })},
        {"basic.recover", on([](State state, Channel channel, const json& it, Pool&) {
             return amqp_basic_recover(state, channel, it.value("requeue", false));
         })},
    };
}

}  // namespace shim
