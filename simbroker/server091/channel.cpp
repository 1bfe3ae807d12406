#include "simbroker/server091/channel.hpp"

#include <fmt/format.h>

#include "codec/amqp091/utf8.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

using codec::amqp091::Frame;
using codec::amqp091::Method;
using codec::amqp091::MethodId;
using DecodeKind = codec::wire::DecodeError::Kind;
namespace frame_type = codec::amqp091::frame_type;
namespace methods = codec::amqp091;

namespace {

constexpr MethodId publish_id = methods::basic::Publish::id;

std::unexpected<Violation> header_expected(std::string_view got) {
    return std::unexpected(Violation{
        ViolationName::content_header_expected,
        fmt::format("expected content header for class {}, got {} instead", publish_id.class_id, got),
        publish_id,
    });
}

Violation undecodable(const codec::wire::DecodeError& error, const Frame& frame) {
    switch (error.kind) {
        case DecodeKind::unknown_method: return {ViolationName::unknown_method, ""};
        case DecodeKind::unknown_tag:
        case DecodeKind::bad_table:
        case DecodeKind::too_deep: return {ViolationName::undecodable_table, ""};
        case DecodeKind::truncated:
        case DecodeKind::trailing:
        case DecodeKind::bad_flags: break;
    }
    constexpr std::size_t method_ids = 4;
    return {
        ViolationName::undecodable_method,
        "cannot decode " + erlang_octets(frame.payload.subspan(method_ids)),
        methods::peek_method_id(frame.payload),
    };
}

Violation no_room_for_content() {
    return {ViolationName::memory_exhausted, std::string(memory_is_used_up), publish_id};
}

}  // namespace

Channel::Channel(Connection& connection, methods::ChannelNumber number, std::uint64_t serial)
    : connection_(connection),
      number_(number),
      serial_(serial),
      charge_(context().memory, model::price::channel),
      allowed_before_(context().memory),
      opened_at_(context().now) {}

std::expected<void, Violation> Channel::check_memory(std::size_t octets) const {
    if (context().memory.has_room_for(octets)) return {};
    return no_memory();
}

std::expected<void, Violation> Channel::check(model::Permission permission, Resource resource) const {
    return connection_.check(permission, resource, allowed_before_);
}

std::expected<void, Violation> Channel::check_topic(
    model::Permission permission, const model::Exchange& exchange, std::string_view key
) const {
    return connection_.check_topic(permission, exchange, key, allowed_before_);
}

model::Context& Channel::context() const { return connection_.node().context; }
model::VirtualHost& Channel::vhost() const { return connection_.vhost(); }

extension::Subject Channel::subject(std::string_view queue) const {
    return {.queue = queue, .vhost = vhost().name(), .profile = context().profile()};
}

std::expected<Method, Violation> Channel::decode(const Frame& frame, const profile::Deviations& deviations) {
    if (frame.type != frame_type::method) {
        return std::unexpected(
            Violation{ViolationName::method_expected, "expected method frame, got non method frame instead", no_method}
        );
    }
    const bool by_reply_codes = deviations.undecodable == profile::Undecodable::by_reply_codes;
    const auto method = methods::decode_method(frame.payload);
    if (!method && by_reply_codes) return std::unexpected(undecodable_by_reply_code(method.error(), frame));
    if (!method) return std::unexpected(undecodable(method.error(), frame));
    const bool checked = by_reply_codes || !methods::carries_content(*method);
    if (checked && methods::has_malformed_short_string(*method)) {
        const auto name = by_reply_codes ? ViolationName::unreadable_fields : ViolationName::malformed_short_string;
        return std::unexpected(Violation{name, "Malformed UTF-8 in shortstr", no_method});
    }
    return *method;
}

std::expected<void, Violation> Channel::receive(const Frame& frame) {
    allowed_before_.wake(context().now);
    if (incoming_) return incoming_->has_header ? on_content_body(frame) : on_content_header(frame);
    const auto method = decode(frame, deviations());
    if (!method) return std::unexpected(method.error());
    if (auto offered = connection_.check_offered(methods::id_of(*method)); !offered) return offered;
    if (const auto* publish = std::get_if<methods::basic::Publish>(&*method)) {
        incoming_ = Incoming{};
        incoming_->exchange = publish->exchange.text();
        incoming_->routing_key = publish->routing_key.text();
        incoming_->mandatory = publish->mandatory;
        incoming_->immediate = publish->immediate;
        incoming_->charge = model::Charge(context().memory, 0);
        return {};
    }
    return state_ == State::closing ? handle_while_closing(*method) : handle(*method);
}

// 4.2.6.1 has 501 for it, 4.2.6 has 505.
std::unexpected<Violation> Channel::wrong_header(std::string_view got) const {
    auto violation = header_expected(got);
    if (deviations().misplaced_frames == profile::MisplacedFrames::by_their_clauses) {
        violation.error().name = ViolationName::content_header_wrong;
    }
    return violation;
}

std::expected<void, Violation> Channel::on_content_header(const Frame& frame) {
    if (frame.type != frame_type::header) return header_expected("non content header frame");
    const auto header = methods::decode_content_header(frame.payload);
    if (!header || header->weight != 0) return wrong_header("non content header frame");
    if (header->class_id != publish_id.class_id) return wrong_header(fmt::format("one for class {}", header->class_id));
    const auto& profile = context().profile();
    if (header->body_size > profile.announced_body_max) {
        auto text = fmt::format(
            "content body size {} exceeds maximum allowed size {}", header->body_size, profile.announced_body_max
        );
        return std::unexpected(Violation{ViolationName::announced_body_too_large, std::move(text), publish_id});
    }
    incoming_->has_header = true;
    incoming_->body_size = header->body_size;
    if (!check_memory(header->property_octets.size())) return std::unexpected(no_room_for_content());
    incoming_->charge.resize(header->property_octets.size());
    incoming_->property_octets.assign(header->property_octets.begin(), header->property_octets.end());
    if (header->body_size == 0) return on_content_complete();
    return {};
}

// Memory grows with what arrives, never with what is announced; of a message beyond the limit nothing is kept.
std::expected<void, Violation> Channel::on_content_body(const Frame& frame) {
    if (frame.type != frame_type::body) {
        return std::unexpected(Violation{
            ViolationName::content_body_expected,
            "expected content body, got non content body frame instead",
            publish_id,
        });
    }
    auto& incoming = *incoming_;
    const auto& profile = context().profile();
    incoming.body_received += frame.payload.size();
    if (incoming.body_received > incoming.body_size) {
        if (profile.overlong_body == profile::OverlongBody::swallowed) return {};  // and wait for ever, as RabbitMQ did
        return std::unexpected(Violation{
            ViolationName::body_longer_than_announced, "content body frame exceeds remaining content size", publish_id
        });
    }
    if (incoming.body_size <= profile.message_size_max) {
        if (!check_memory(frame.payload.size())) return std::unexpected(no_room_for_content());
        incoming.body.insert(incoming.body.end(), frame.payload.begin(), frame.payload.end());
        incoming.charge.resize(incoming.property_octets.size() + incoming.body.capacity());
    }
    if (incoming.body_received == incoming.body_size) return on_content_complete();
    return {};
}

std::expected<void, Violation> Channel::on_content_complete() {
    auto incoming = std::move(*incoming_);
    incoming_.reset();
    incoming.charge = {};  // from here on the message is charged for
    if (state_ == State::closing) return {};
    return conclude(publish(std::move(incoming)), publish_id);
}

std::expected<void, Violation> Channel::handle(const Method& method) {
    return conclude(std::visit([this](const auto& m) { return on(m); }, method), methods::id_of(method));
}

// Methods that mean the queue declared last when they name none.
bool names_no_queue(const Method& method) {
    const auto named = [](const auto& m) {
        using M = std::decay_t<decltype(m)>;
        constexpr bool means_last =
            std::is_same_v<M, methods::basic::Get> || std::is_same_v<M, methods::basic::Consume> ||
            std::is_same_v<M, methods::queue::Bind> || std::is_same_v<M, methods::queue::Unbind> ||
            std::is_same_v<M, methods::queue::Purge> || std::is_same_v<M, methods::queue::Delete>;
        if constexpr (means_last) return !m.queue.text().empty();
        return true;
    };
    return !std::visit(named, method);
}

// After channel.close was sent everything is passed over but the end of the handshake (1.5.2.5). RabbitMQ puts the name
// of the queue in before it passes a method over, and says so again where there is none.
std::expected<void, Violation> Channel::handle_while_closing(const Method& method) {
    const bool looks_for_queues = deviations().closing_channels == profile::ClosingChannels::look_for_queues;
    if (std::holds_alternative<methods::channel::Close>(method)) {
        send(methods::channel::CloseOk{});
    } else if (std::holds_alternative<methods::channel::CloseOk>(method)) {
        requeue(Part::everything, extension::Return::lost);
        state_ = State::closed;
    } else if (std::holds_alternative<methods::channel::Open>(method)) {
        return conclude(on(methods::channel::Open{}), methods::channel::Open::id);
    } else if (looks_for_queues && names_no_queue(method) && last_queue_.empty()) {
        return conclude(std::unexpected(queue_name("").error()), methods::id_of(method));
    }
    return {};
}

std::expected<void, Violation> Channel::conclude(Outcome outcome, MethodId id) {
    if (outcome) {
        if (*outcome) send(**outcome);
        return {};
    }
    auto& violation = outcome.error();
    if (violation.row().scope == codec::Scope::channel) {
        close_with(violation, id);
        return {};
    }
    if (!violation.method) violation.method = id;
    return std::unexpected(std::move(violation));
}

// Deliveries to consumers go back at once; what was got goes back when the client has answered (as RabbitMQ has it).
void Channel::close_with(const Violation& violation, MethodId id) {
    flush_confirms();
    const auto text = reply_text(violation);
    const auto blamed = violation.method.value_or(id);
    context().outbox.event({
        .kind = Event::Kind::violation,
        .connection = connection_.id(),
        .channel = number_.value,
        .subject = std::string(violation.row().name),
        .detail = text,
        .number = static_cast<std::uint64_t>(violation.row().code),
    });
    send(methods::channel::Close{
        .reply_code = static_cast<std::uint16_t>(violation.row().code),
        .reply_text = text,
        .class_id = blamed.class_id,
        .method_id = blamed.method_id,
    });
    state_ = State::closing;
    while (!consumers_.empty()) remove_consumer(*consumers_.begin()->second);
    forget_reply_consumer();
    roll_back();
    transaction_.reset();
    requeue(Part::consumed, extension::Return::lost);
    context().timers.cancel(delivery_timer_);
    context().timers.cancel(taken_timer_);
}

void Channel::end() {
    while (!consumers_.empty()) remove_consumer(*consumers_.begin()->second);
    forget_reply_consumer();
    roll_back();
    transaction_.reset();
    requeue(Part::everything, extension::Return::lost);
    context().timers.cancel(delivery_timer_);
    context().timers.cancel(taken_timer_);
}

// Confirms stand before any reply: what they confirm was published before what the reply answers.
void Channel::send(const Method& method) {
    flush_confirms();
    connection_.send(number_, method);
}

void Channel::flush_confirms() {
    for (const auto& confirmation : confirms_.flush()) {
        if (confirmation.kind == Confirmation::Kind::ack) {
            connection_.send(
                number_,
                methods::basic::Ack{.delivery_tag = confirmation.delivery_tag, .multiple = confirmation.multiple}
            );
        } else {
            connection_.send(
                number_,
                methods::basic::Nack{
                    .delivery_tag = confirmation.delivery_tag, .multiple = confirmation.multiple, .requeue = true
                }
            );
        }
    }
}

Outcome Channel::on(const methods::channel::Open&) {
    return refuse(ViolationName::channel_already_open, "second 'channel.open' seen");
}

// 1.5.2.3: a paused channel gets no deliveries; what is got by basic.get comes all the same.
Outcome Channel::on(const methods::channel::Flow& flow) {
    if (!flow.active && deviations().paused_flow == profile::PausedFlow::not_implemented) {
        return refuse(ViolationName::flow_not_implemented, "active=false");
    }
    const bool resumed = paused_ && flow.active;
    paused_ = !flow.active;
    if (resumed) deliver_more();
    return methods::channel::FlowOk{.active = flow.active};
}

Outcome Channel::on(const methods::channel::Close&) {
    end();
    state_ = State::closed;
    return methods::channel::CloseOk{};
}

// A relic of 0-8: everybody gets the same ticket, nobody looks at it.
Outcome Channel::on(const methods::access::Request&) { return methods::access::RequestOk{.ticket = 1}; }

Outcome Channel::on(const methods::confirm::Select& select) {
    if (transaction_) {
        return refuse(ViolationName::confirm_and_tx_exclude_each_other, "cannot switch from tx to confirm mode");
    }
    confirms_.select();
    if (select.no_wait) return no_reply();
    return methods::confirm::SelectOk{};
}

}  // namespace simbroker::server091
