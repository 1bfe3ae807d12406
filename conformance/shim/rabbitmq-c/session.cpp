#include "conformance/shim/rabbitmq-c/session.hpp"

#include <amqp_tcp_socket.h>
#include <sys/time.h>

#include <chrono>
#include <iostream>

namespace shim {

namespace {

timeval time_of(double seconds) {
    const auto whole = static_cast<long>(seconds);
    return {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e6)};
}

}  // namespace

void say(const json& message) {
    std::cout << message.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

void event(const std::string& name, json details) { say({{"event", name}, {"with", std::move(details)}}); }

Session::Session(const json& given) : state_(amqp_new_connection()) {
    const auto timeout = time_of(given.value("timeout", 10.0));
    amqp_set_handshake_timeout(state_, &timeout);
    auto* socket = amqp_tcp_socket_new(state_);
    const auto host = given.at("host").get<std::string>();
    if (const int status = amqp_socket_open_noblock(socket, host.c_str(), given.at("port"), &timeout)) {
        const auto failure = status_failure(status, Waiting::connecting);
        amqp_destroy_connection(state_);
        throw failure;
    }
    const auto vhost = given.at("vhost").get<std::string>();
    const auto user = given.at("user").get<std::string>();
    const auto password = given.at("password").get<std::string>();
    // So that it tells connection.blocked, and why it refuses credentials.
    Pool pool;
    const auto properties = pool.table(
        {{"capabilities",
          {{"authentication_failure_close", true},
           {"basic.nack", true},
           {"connection.blocked", true},
           {"consumer_cancel_notify", true},
           {"exchange_exchange_bindings", true},
           {"publisher_confirms", true}}}}
    );
    const auto reply = amqp_login_with_properties(
        state_,
        vhost.c_str(),
        given.value("channel_max", 0),
        given.value("frame_max", AMQP_DEFAULT_FRAME_SIZE),
        given.value("heartbeat", 0),
        &properties,
        AMQP_SASL_METHOD_PLAIN,
        user.c_str(),
        password.c_str()
    );
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    auto failure = reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
                       ? status_failure(reply.library_error, Waiting::connecting)
                       : closed_by_broker(*static_cast<amqp_connection_close_t*>(reply.reply.decoded));
    if (failure.code == AMQP_ACCESS_REFUSED) failure.kind = "authentication_failed";
    amqp_destroy_connection(state_);
    throw failure;
}

amqp_channel_t Session::channel(int number) {
    if (!open_.contains(number)) open(number);
    return static_cast<amqp_channel_t>(number);
}

void Session::open(int number) {
    const auto channel = static_cast<amqp_channel_t>(number);
    if (number > amqp_get_channel_max(state_)) throw Failure{"other", nullptr, "no channel number is left"};
    amqp_channel_open(state_, channel);
    check(channel);
    open_.insert(number);
    confirming.erase(number);
    asynchronous.erase(number);
}

void Session::check(amqp_channel_t channel) {
    const auto reply = amqp_get_rpc_reply(state_);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) throw status_failure(reply.library_error);
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        throw closed_by_broker(*static_cast<amqp_channel_close_t*>(reply.reply.decoded), channel);
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
        throw closed_by_broker(*static_cast<amqp_connection_close_t*>(reply.reply.decoded));
    throw Failure{"protocol_error", nullptr, "the reply is of no kind that the library documents"};
}

void Session::check_status(int status) {
    if (status < 0) throw status_failure(status);
}

Failure Session::closed_by_broker(const amqp_channel_close_t& close, amqp_channel_t channel) {
    Failure failure{"channel_closed", close.reply_code, text_of(close.reply_text)};
    // The library leaves close-ok to its user.
    amqp_channel_close_ok_t ok{};
    amqp_send_method(state_, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    closed(channel);
    return failure;
}

Failure Session::closed_by_broker(const amqp_connection_close_t& close) {
    Failure failure{"connection_closed", close.reply_code, text_of(close.reply_text)};
    amqp_connection_close_ok_t ok{};
    amqp_send_method(state_, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
    ended_ = true;
    return failure;
}

Failure Session::status_failure(int status, Waiting waiting) {
    const auto kind = [&]() -> std::string {
        switch (status) {
            case AMQP_STATUS_CONNECTION_CLOSED:
            case AMQP_STATUS_SOCKET_CLOSED:
            case AMQP_STATUS_SOCKET_ERROR:
            case AMQP_STATUS_TCP_ERROR:
                return waiting == Waiting::connecting ? "connection_refused" : "connection_lost";
            case AMQP_STATUS_HEARTBEAT_TIMEOUT: return "connection_lost";
            case AMQP_STATUS_TIMEOUT: return "timeout";
            case AMQP_STATUS_INVALID_PARAMETER:
            case AMQP_STATUS_TABLE_TOO_BIG: return "invalid_argument";
            default: return "protocol_error";
        }
    }();
    ended_ = ended_ || (kind != "invalid_argument" && kind != "timeout");
    return {kind, nullptr, amqp_error_string2(status)};
}

void Session::serve() {
    try {
        while (!ended_ && take_frame(0, {}));
    } catch (const Failure& failure) {
        event("connection.close", {{"kind", failure.kind}, {"code", failure.code}, {"text", failure.text}});
        ended_ = true;
    }
    amqp_maybe_release_buffers(state_);
}

void Session::serve_for(double seconds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!ended_ && std::chrono::steady_clock::now() < until) {
        try {
            take_frame(20000, {});
        } catch (const Failure& failure) {
            event("connection.close", {{"kind", failure.kind}, {"code", failure.code}, {"text", failure.text}});
            ended_ = true;
        }
    }
}

void Session::close() {
    if (ended_) return;
    ended_ = true;
    const auto reply = amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) throw status_failure(reply.library_error);
}

}  // namespace shim
