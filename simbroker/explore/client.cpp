// The life of a virtual client's connection: shake hands, keep beating, come back after any loss.
#include "simbroker/explore/client.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace simbroker::explore {

using codec::amqp091::ChannelNumber;
using codec::amqp091::Method;
using codec::wire::Bytes;
using std::chrono::milliseconds;
namespace methods = codec::amqp091;

namespace {

constexpr ChannelNumber channel{1};
constexpr std::uint32_t frame_max = 131072;

Bytes opening(std::uint16_t heartbeat) {
    methods::FieldTableBuilder capabilities;
    for (const auto* name : {"consumer_cancel_notify", "connection.blocked", "basic.nack", "publisher_confirms"}) {
        capabilities.add(name, true);
    }
    methods::FieldTableBuilder properties;
    properties.add("capabilities", capabilities.view());
    Bytes out(methods::protocol_header_091.begin(), methods::protocol_header_091.end());
    const std::string plain("\0guest\0guest", 12);  // RFC 4616
    append_method(
        out,
        methods::connection_channel,
        methods::connection::StartOk{
            .client_properties = properties.view(), .mechanism = "PLAIN", .response = {plain}, .locale = "en_US"
        }
    );
    append_method(
        out,
        methods::connection_channel,
        methods::connection::TuneOk{.channel_max = 2047, .frame_max = frame_max, .heartbeat = heartbeat}
    );
    append_method(out, methods::connection_channel, methods::connection::Open{.virtual_host = "/"});
    append_method(out, channel, methods::channel::Open{});
    return out;
}

}  // namespace

std::string retry_queue_of(std::string_view queue) { return fmt::format("{}.wait", queue); }

std::string Incoming::text_property(std::optional<methods::ShortString> methods::BasicProperties::* which) const {
    const auto decoded = methods::decode_properties(properties);
    if (!decoded || !((*decoded).*which)) return {};
    return std::string(((*decoded).*which)->text());
}

// ---- the connection

void Client::connect() {
    if (state_ == State::done) return;
    const LinkOptions link{.latency = plan_.latency};
    splitter_ = methods::FrameSplitter(frame_max);
    incoming_.reset();
    blocked_ = false;
    heard_ = false;
    silent_beats_ = 0;
    state_ = State::connecting;
    id_ = stage_.simulation.connect(link, link, [this](drive::Simulation&, ConnectionId id) {
        if (id_ == id) arrived();
    });
    write(opening(plan_.heartbeat));
    const auto epoch = ++epoch_;
    if (plan_.heartbeat > 0) beat();
    // As every client's connection timeout: a handshake that hangs is given up.
    stage_.agenda.after(std::chrono::seconds(15), [this, epoch] {
        if (epoch_ == epoch && state_ == State::connecting) give_up();
    });
}

void Client::arrived() {
    const auto octets = stage_.simulation.received(*id_);
    heard_ = heard_ || !octets.empty();
    const auto self = id_;
    splitter_.feed(octets);
    while (id_ == self) {
        const auto frame = splitter_.next();
        if (!frame) break;
        if (!*frame) return give_up();
        on_frame(**frame);
    }
    if (id_ == self && stage_.simulation.closed(*self)) connection_lost();
}

void Client::connection_lost() {
    const bool was_running = running();
    id_.reset();
    ++epoch_;
    if (was_running) lost();
    if (state_ == State::ending || state_ == State::done) {
        state_ = State::done;
        return;
    }
    state_ = State::idle;
    const auto backoff = milliseconds(50 << std::min(tries_++, 6U)) + milliseconds(plan_.number);
    stage_.agenda.after(backoff, [this, epoch = epoch_] {
        if (epoch_ == epoch) connect();
    });
}

void Client::give_up() {
    stage_.simulation.reset(*id_);
    connection_lost();
}

// 4.2.7: a heartbeat each half interval; two intervals without any octet, and the peer is gone.
void Client::beat() {
    stage_.agenda.after(milliseconds(plan_.heartbeat * 500), [this, self = id_] {
        if (id_ != self) return;
        silent_beats_ = std::exchange(heard_, false) ? 0 : silent_beats_ + 1;
        constexpr std::uint32_t most_silent = 4;
        if (silent_beats_ >= most_silent) return give_up();
        Bytes octets;
        methods::append_heartbeat(octets);
        write(octets);
        beat();
    });
}

void Client::take_step(const Step& step) {
    Prng chance(step.draw);
    if (running()) on_step(chance);
}

void Client::finish() {
    if (!id_) {
        state_ = State::done;
        return;
    }
    state_ = State::ending;
    Bytes octets;
    append_method(
        octets, methods::connection_channel, methods::connection::Close{.reply_code = 200, .reply_text = "bye"}
    );
    write(octets);
}

// ---- frames

void Client::on_frame(const methods::Frame& frame) {
    if (frame.type == methods::frame_type::method) {
        const auto method = methods::decode_method(frame.payload);
        if (!method) return give_up();
        if (frame.channel == methods::connection_channel) return on_connection_method(*method);
        return on_channel_method(*method);
    }
    if (!incoming_) return;
    if (frame.type == methods::frame_type::header) {
        const auto header = methods::decode_content_header(frame.payload);
        if (!header) return give_up();
        incoming_->properties.assign(header->property_octets.begin(), header->property_octets.end());
        incoming_->announced = header->body_size;
    } else if (frame.type == methods::frame_type::body) {
        incoming_->body += codec::wire::as_text(frame.payload);
    }
    if (incoming_->body.size() == incoming_->announced) complete_message();
}

void Client::complete_message() {
    const auto message = std::exchange(incoming_, std::nullopt);
    if (running()) on_message(*message);
}

void Client::on_connection_method(const Method& method) {
    if (std::holds_alternative<methods::connection::Close>(method)) {
        Bytes octets;
        append_method(octets, methods::connection_channel, methods::connection::CloseOk{});
        write(octets);
        stage_.simulation.disconnect(*id_);
    } else if (std::holds_alternative<methods::connection::CloseOk>(method)) {
        stage_.simulation.disconnect(*id_);
    } else if (std::holds_alternative<methods::connection::Blocked>(method)) {
        blocked_ = true;
    } else if (std::holds_alternative<methods::connection::Unblocked>(method)) {
        blocked_ = false;
    }
}

bool Client::begin_message(const Method& method) {
    if (const auto* deliver = std::get_if<methods::basic::Deliver>(&method)) {
        incoming_ = Incoming{
            .how = Incoming::How::delivered,
            .tag = deliver->delivery_tag,
            .redelivered = deliver->redelivered,
            .consumer = std::string(deliver->consumer_tag.text())
        };
    } else if (const auto* got = std::get_if<methods::basic::GetOk>(&method)) {
        incoming_ = Incoming{.how = Incoming::How::got, .tag = got->delivery_tag, .redelivered = got->redelivered};
    } else if (std::holds_alternative<methods::basic::Return>(method)) {
        incoming_ = Incoming{.how = Incoming::How::returned};
    }
    return incoming_.has_value();
}

void Client::on_channel_method(const Method& method) {
    if (state_ == State::ending) return;
    if (std::holds_alternative<methods::channel::OpenOk>(method)) return channel_opened();
    if (std::holds_alternative<methods::channel::Close>(method)) {
        const bool was_running = running();
        state_ = State::closed_channel;
        const auto epoch = ++epoch_;
        send(methods::channel::CloseOk{});
        if (was_running) lost();
        const auto pause = milliseconds(500 + 10 * plan_.number);
        stage_.agenda.after(pause, [this, epoch] {
            if (epoch_ == epoch) send(methods::channel::Open{});
        });
        return;
    }
    if (!running() || begin_message(method)) return;
    on_method(method);
}

void Client::channel_opened() {
    state_ = State::running;
    tries_ = 0;
    ++epoch_;
    opened();
}

// ---- for the roles

void Client::send(const Method& method) {
    if (!id_) return;
    Bytes octets;
    append_method(octets, channel, method);
    write(octets);
}

std::string Client::next_id(std::string_view kind) { return fmt::format("{}{}.{}", kind, plan_.number, ++messages_); }

void Client::publish(const Outgoing& message) {
    methods::BasicProperties properties;
    properties.delivery_mode = message.persistent ? methods::persistent_delivery : methods::transient_delivery;
    properties.message_id = methods::ShortString(message.id);
    if (!message.reply_to.empty()) properties.reply_to = methods::ShortString(message.reply_to);
    std::string body = message.id + ":";
    while (body.size() < message.body_size) body += static_cast<char>('a' + body.size() % 26);
    Bytes octets;
    append_message(
        octets,
        channel,
        methods::basic::Publish{
            .exchange = message.exchange, .routing_key = message.routing_key, .mandatory = message.mandatory
        },
        properties,
        codec::wire::as_bytes(body),
        frame_max
    );
    write(octets);
}

void Client::declare(const std::string& name) {
    const auto* queue = find_queue(stage_.plan, name);
    if (!queue) return;
    methods::FieldTableBuilder arguments;
    if (queue->use == QueueUse::quorum) arguments.add("x-queue-type", methods::LongString{"quorum"});
    if (queue->use == QueueUse::single_active) arguments.add("x-single-active-consumer", true);
    const auto waiting = retry_queue_of(name);
    if (queue->use == QueueUse::retry) {
        methods::FieldTableBuilder back;
        back.add("x-message-ttl", std::int32_t{1000});
        back.add("x-dead-letter-exchange", methods::LongString{""});
        back.add("x-dead-letter-routing-key", methods::LongString{name});
        send(methods::queue::Declare{.queue = waiting, .durable = true, .arguments = back.view()});
        arguments.add("x-dead-letter-exchange", methods::LongString{""});
        arguments.add("x-dead-letter-routing-key", methods::LongString{waiting});
    }
    send(methods::exchange::Declare{.exchange = exchange_name, .type = "direct", .durable = true});
    send(methods::queue::Declare{.queue = name, .durable = true, .arguments = arguments.view()});
    send(methods::queue::Bind{.queue = name, .exchange = exchange_name, .routing_key = name});
}

Duration Client::time_to_think(Prng& chance) const {
    const auto drawn = Milliseconds(chance.below(static_cast<std::uint64_t>(plan_.think.count()) + 1));
    return stage_.calm ? Duration::zero() : drawn;
}

void Client::later(Duration delay, std::function<void()> action) {
    stage_.agenda.after(delay, [this, epoch = epoch_, action = std::move(action)] {
        if (epoch_ == epoch && running()) action();
    });
}

}  // namespace simbroker::explore
