#include "conformance/shim/rabbitmq-c/operations.hpp"

namespace shim {

std::unique_ptr<Session> session;

Session& opened() {
    if (!session) throw Failure{"wrong_state", nullptr, "there is no connection"};
    return *session;
}

void drop() {
    if (!session) return;
    const auto closing = std::move(session);
    closing->close();
}

namespace {

json connect(const json& it) {
    if (it.contains("blocked_timeout")) throw Unsupported("there is no limit for the time a connection is blocked");
    drop();
    session = std::make_unique<Session>(it);
    const auto state = session->state();
    return {
        {"channel_max", amqp_get_channel_max(state)},
        {"frame_max", amqp_get_frame_max(state)},
        {"heartbeat", amqp_get_heartbeat(state)},
        {"server_properties", table_to_json(*amqp_get_server_properties(state))},
    };
}

auto* declare_exchange(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_exchange_declare(
        state,
        channel,
        pool.bytes(it.at("exchange")),
        pool.bytes(it.value("type", "direct")),
        it.value("passive", false),
        it.value("durable", false),
        it.value("auto_delete", false),
        it.value("internal", false),
        pool.table(it.value("arguments", json()))
    );
}

auto* declare_queue(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_queue_declare(
        state,
        channel,
        pool.bytes(it.value("queue", "")),
        it.value("passive", false),
        it.value("durable", false),
        it.value("exclusive", false),
        it.value("auto_delete", false),
        pool.table(it.value("arguments", json()))
    );
}

template <auto call>
auto* bind_exchange(State state, Channel channel, const json& it, Pool& pool) {
    const auto destination = pool.bytes(it.at("destination"));
    const auto key = pool.bytes(it.value("routing_key", ""));
    return call(
        state, channel, destination, pool.bytes(it.at("source")), key, pool.table(it.value("arguments", json()))
    );
}

template <auto call>
auto* bind_queue(State state, Channel channel, const json& it, Pool& pool) {
    const auto queue = pool.bytes(it.at("queue"));
    const auto key = pool.bytes(it.value("routing_key", ""));
    return call(state, channel, queue, pool.bytes(it.at("exchange")), key, pool.table(it.value("arguments", json())));
}

template <auto call>
auto* plain(State state, Channel channel, const json&, Pool&) {
    return call(state, channel);
}

}  // namespace

Operations topology_operations() {
    const auto confirms = [](std::set<int> Session::* kind) {
        const auto select = on(plain<amqp_confirm_select>);
        return [=](const json& it) {
            auto result = select(it);
            (*session.*kind).insert(it.value("channel", 1));
            return result;
        };
    };
    return {
        {"connect", connect},
        {"close", [](const json&) { return opened(), drop(), json::object(); }},
        {"channel.open", [](const json& it) { return opened().open(it.value("channel", 1)), json::object(); }},
        {"channel.close",
         [](const json& it) -> json {
             const auto channel = channel_of(it);
             session->closed(channel);
             const auto reply = amqp_channel_close(session->state(), channel, AMQP_REPLY_SUCCESS);
             if (reply.reply_type != AMQP_RESPONSE_NORMAL) session->check(channel);
             return json::object();
         }},
        {"wait", [](const json& it) { return session ? session->serve_for(it.at("seconds")) : void(), json::object(); }
        },
        {"confirm.select", confirms(&Session::confirming)},
        {"confirm.asynchronous", confirms(&Session::asynchronous)},
        {"tx.select", on(plain<amqp_tx_select>)},
        {"tx.commit", on(plain<amqp_tx_commit>)},
        {"tx.rollback", on(plain<amqp_tx_rollback>)},
        {"exchange.declare", on(declare_exchange)},
        {"exchange.delete", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_exchange_delete(state, channel, pool.bytes(it.at("exchange")), it.value("if_unused", false));
         })},
        {"exchange.bind", on(bind_exchange<amqp_exchange_bind>)},
        {"exchange.unbind", on(bind_exchange<amqp_exchange_unbind>)},
        {"queue.declare", on(declare_queue)},
        {"queue.bind", on(bind_queue<amqp_queue_bind>)},
        {"queue.unbind", on(bind_queue<amqp_queue_unbind>)},
        {"queue.purge", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_queue_purge(state, channel, pool.bytes(it.at("queue")));
         })},
        {"queue.delete", on([](State state, Channel channel, const json& it, Pool& pool) {
             const bool unused = it.value("if_unused", false);
             return amqp_queue_delete(state, channel, pool.bytes(it.at("queue")), unused, it.value("if_empty", false));
         })},
    };
}

}  // namespace shim
