// What comes unasked on a connection, frame by frame.
#include "conformance/shim/rabbitmq-c/session.hpp"

namespace shim {

bool Session::take_frame(long microseconds, std::optional<amqp_channel_t> asking) {
    const timeval timeout{microseconds / 1000000, microseconds % 1000000};
    amqp_frame_t frame;
    const int status = amqp_simple_wait_frame_noblock(state_, &frame, &timeout);
    if (status == AMQP_STATUS_TIMEOUT) return false;
    if (status != AMQP_STATUS_OK) throw status_failure(status);
    if (frame.frame_type == AMQP_FRAME_METHOD) {
        take_method(frame.channel, frame.payload.method, asking);
    } else if (frame.frame_type != AMQP_FRAME_HEARTBEAT) {
        throw Failure{"protocol_error", nullptr, "a header or a body where a method is due"};
    }
    return true;
}

void Session::take_method(amqp_channel_t channel, const amqp_method_t& method, std::optional<amqp_channel_t> asking) {
    switch (method.id) {
        case AMQP_BASIC_DELIVER_METHOD: {
            const auto& it = *static_cast<amqp_basic_deliver_t*>(method.decoded);
            json details{
                {"channel", channel},
                {"consumer_tag", text_of(it.consumer_tag)},
                {"delivery_tag", it.delivery_tag},
                {"redelivered", it.redelivered != 0},
                {"exchange", text_of(it.exchange)},
                {"routing_key", text_of(it.routing_key)},
            };
            details.update(read_content(channel));
            return event("basic.deliver", std::move(details));
        }
        case AMQP_BASIC_RETURN_METHOD: {
            const auto& it = *static_cast<amqp_basic_return_t*>(method.decoded);
            returned_[channel] = text_of(it.reply_text);
            json details{
                {"channel", channel},
                {"reply_code", it.reply_code},
                {"reply_text", text_of(it.reply_text)},
                {"exchange", text_of(it.exchange)},
                {"routing_key", text_of(it.routing_key)},
            };
            details.update(read_content(channel));
            return event("basic.return", std::move(details));
        }
        case AMQP_BASIC_ACK_METHOD:
        case AMQP_BASIC_NACK_METHOD: {
            const bool acked = method.id == AMQP_BASIC_ACK_METHOD;
            acked_[channel] = acked;
            if (!asynchronous.contains(channel)) return;
            const auto& ack = *static_cast<amqp_basic_ack_t*>(method.decoded);  // a nack begins alike
            return event(
                acked ? "basic.ack" : "basic.nack",
                {{"channel", channel}, {"delivery_tag", ack.delivery_tag}, {"multiple", ack.multiple != 0}}
            );
        }
        case AMQP_BASIC_CANCEL_METHOD: {
            const auto& it = *static_cast<amqp_basic_cancel_t*>(method.decoded);
            return event("basic.cancel", {{"channel", channel}, {"consumer_tag", text_of(it.consumer_tag)}});
        }
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return event(
                "connection.blocked",
                {{"reason", text_of(static_cast<amqp_connection_blocked_t*>(method.decoded)->reason)}}
            );
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return event("connection.unblocked", json::object());
        case AMQP_CHANNEL_CLOSE_METHOD: {
            const auto failure = closed_by_broker(*static_cast<amqp_channel_close_t*>(method.decoded), channel);
            if (asking == channel) throw failure;
            return event("channel.close", {{"channel", channel}, {"code", failure.code}, {"text", failure.text}});
        }
        case AMQP_CHANNEL_FLOW_METHOD: {
            amqp_channel_flow_ok_t ok{static_cast<amqp_channel_flow_t*>(method.decoded)->active};
            amqp_send_method(state_, channel, AMQP_CHANNEL_FLOW_OK_METHOD, &ok);
            return;
        }
        case AMQP_CONNECTION_CLOSE_METHOD:
            throw closed_by_broker(*static_cast<amqp_connection_close_t*>(method.decoded));
        default: throw Failure{"protocol_error", nullptr, std::string("unexpected ") + amqp_method_name(method.id)};
    }
}

json Session::read_content(amqp_channel_t channel) {
    amqp_message_t message;
    const auto reply = amqp_read_message(state_, channel, &message, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw status_failure(reply.library_error);
    auto content = content_to_json(message.properties, message.body);
    amqp_destroy_message(&message);
    return content;
}

void Session::wait_for_confirm(amqp_channel_t channel) {
    acked_[channel].reset();
    returned_.erase(channel);
    while (!acked_[channel]) take_frame(100000, channel);
    if (!*acked_[channel]) throw Failure{"nacked", nullptr, "basic.nack"};
    if (returned_.contains(channel)) throw Failure{"returned", nullptr, returned_[channel]};
}

}  // namespace shim
