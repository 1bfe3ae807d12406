#include "simbroker/server091/connection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simbroker/core/hold.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

using codec::amqp091::ChannelNumber;
using codec::amqp091::connection_channel;
using codec::amqp091::Frame;
using codec::amqp091::FrameError;
using codec::amqp091::Method;
using codec::wire::BytesView;
using model::ConnectionTimer;
namespace frame_type = codec::amqp091::frame_type;
namespace methods = codec::amqp091;

namespace {

constexpr Duration handshake_patience = std::chrono::seconds(10);
constexpr Duration drop_delay = std::chrono::seconds(3);  // after a close that nothing can be read behind
constexpr std::chrono::seconds close_patience_max{30};
constexpr std::size_t deliveries_at_a_time = std::size_t{1} << 20;  // octets

// RabbitMQ's words for a frame it quotes: at most 16 octets of it.
std::string quote(const Frame& frame) {
    constexpr std::size_t quoted = 16;
    if (frame.payload.size() <= quoted) {
        return fmt::format("type {}, all octets = {}", frame.type, erlang_text_or_octets(frame.payload));
    }
    return fmt::format(
        "type {}, first {} octets = {}", frame.type, quoted, erlang_text_or_octets(frame.payload.first(quoted))
    );
}

// 4.2.3: a known type, with a payload that can be one of its kind.
bool is_well_formed(const Frame& frame) {
    constexpr std::size_t method_ids = 4;
    constexpr std::size_t content_header_fixed_part = 12;
    switch (frame.type) {
        case frame_type::method: return frame.payload.size() >= method_ids;
        case frame_type::header: return frame.payload.size() >= content_header_fixed_part;
        case frame_type::body: return true;
        case frame_type::heartbeat: return frame.payload.empty();
        default: return false;
    }
}

bool is_known(codec::amqp091::Octet type) {
    return type == frame_type::method || type == frame_type::header || type == frame_type::body ||
           type == frame_type::heartbeat;
}

}  // namespace

Violation Connection::violation_of(const FrameError& error) const {
    const Frame frame{error.type, error.channel, error.payload};
    if (error.kind == FrameError::Kind::bad_frame_end) {
        const bool silent = deviations().broken_frames == profile::BrokenFrames::dropped_silently;
        auto text = fmt::format("{}: {{invalid_frame_end_marker,{}}}", quote(frame), error.end);
        return {silent ? ViolationName::frame_end_missing : ViolationName::bad_frame_end, std::move(text), no_method};
    }
    const bool of_the_frame = deviations().frame_max == profile::FrameMax::of_the_frame;
    const auto limit = error.limit - (of_the_frame ? 0 : codec::amqp091::frame_overhead);
    auto text = fmt::format("{}: {{frame_too_large,{},{}}}", quote(frame), error.announced, limit);
    return {ViolationName::frame_too_large, std::move(text), no_method};
}

Violation Connection::malformed(const Frame& frame) const {
    const bool silent = deviations().broken_frames == profile::BrokenFrames::dropped_silently && !is_known(frame.type);
    return {
        silent ? ViolationName::unknown_frame_type : ViolationName::malformed_frame,
        quote(frame) + ": unknown_frame",
        no_method,
    };
}

Connection::Connection(model::Node& node, const Connected& connected)
    : node_(node),
      id_(connected.connection),
      peer_(connected.peer),
      tls_(connected.tls),
      splitter_(node.context.profile().payload_max_before_tune),
      charge_(node.context.memory, model::price::connection) {
    drop_after(handshake_patience);
}

codec::wire::Bytes& Connection::out() {
    sent_since_check_ = true;
    return node_.context.outbox.to(id_);
}

void Connection::send(ChannelNumber channel, const Method& method) { append_method(out(), channel, method); }

void Connection::receive(BytesView bytes) {
    received_since_check_ = true;
    if (state_ == State::condemned || state_ == State::finished) return;
    splitter_.feed(bytes);
    if (state_ == State::awaiting_header) read_protocol_header();
    read_frames();
    if (held_back_) splitter_.keep();
    account_for_unread();
}

// The rest of a frame, or all that a publisher sends on while an alarm holds it back.
void Connection::account_for_unread() {
    if (state_ == State::finished) return;
    charge_.resize(model::price::connection + splitter_.unread());
    if (node_.context.memory.has_room_for(0)) return;
    if (splitter_.unread() > model::price::connection) finish("its unread octets exhaust the memory");
}

// 4.2.2. What is not AMQP 0-9-1 gets a header we do speak, and the door.
void Connection::read_protocol_header() {
    const auto header = splitter_.take(codec::amqp091::protocol_header_091.size());
    if (!header) return;
    const auto is = [&](codec::amqp091::ProtocolHeader known) { return std::ranges::equal(*header, known); };
    const auto& profile = node_.context.profile();
    const bool speaks_0_9 = profile.old_protocol == profile::OldProtocol::speaks_0_9;
    if (is(codec::amqp091::protocol_header_091)) return start(0, 9);
    if (is({'A', 'M', 'Q', 'P', 1, 1, 0, 9})) {
        if (speaks_0_9) version_ = ProtocolVersion::v0_9;
        return start(0, 9);
    }
    if (profile.old_protocol == profile::OldProtocol::answered &&
        (is({'A', 'M', 'Q', 'P', 1, 1, 8, 0}) || is({'A', 'M', 'Q', 'P', 1, 1, 9, 1}))) {
        return start(8, 0);
    }
    auto answer = profile.foreign_header_reply;
    constexpr codec::amqp091::ProtocolHeader family{'A', 'M', 'Q', 'P', 0, 0, 9};
    if (std::equal(header->begin(), header->begin() + 7, family.begin())) answer = codec::amqp091::protocol_header_091;
    const bool is_for_1_0 = is({'A', 'M', 'Q', 'P', 2, 1, 0, 0}) || is({'A', 'M', 'Q', 'P', 1, 1, 0, 0});
    if (is_for_1_0 && !speaks_0_9) answer = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
    out().insert(out().end(), answer.begin(), answer.end());
    finish("unsupported protocol header");
}

void Connection::read_frames() {
    while (state_ > State::awaiting_header && state_ < State::condemned && !held_back_) {
        const auto frame = splitter_.next();
        if (!frame) return;
        if (*frame) {
            on_frame(**frame);
        } else {
            end_with(violation_of(frame->error()));
        }
    }
}

void Connection::on_frame(const Frame& frame) {
    if (state_ == State::closing || state_ == State::closed) return on_frame_while_ending(frame);
    if (!is_well_formed(frame)) return end_with(malformed(frame));
    if (held_back_by_alarm(frame)) hold_back();
    const auto done = frame.channel == connection_channel ? on_connection_frame(frame) : on_channel_frame(frame);
    if (!done) end_with(done.error());
    if (vhost_) node_.settle(*vhost_);
}

// Once a close was sent, nothing but close and close-ok counts (4.2.6 of the close rules).
void Connection::on_frame_while_ending(const Frame& frame) {
    if (frame.channel != connection_channel || frame.type != frame_type::method) return;
    const auto id = methods::peek_method_id(frame.payload);
    if (id == methods::connection::Close::id) send(connection_channel, methods::connection::CloseOk{});
    if (id == methods::connection::CloseOk::id && state_ == State::closing) finish("closed by the broker");
}

std::expected<void, Violation> Connection::on_connection_frame(const Frame& frame) {
    switch (frame.type) {
        case frame_type::heartbeat: return {};
        case frame_type::method: return on_connection_method(frame);
        default: break;
    }
    const bool by_clause = deviations().misplaced_frames == profile::MisplacedFrames::by_their_clauses;
    const auto name = by_clause ? ViolationName::content_on_channel_0 : ViolationName::frame_in_wrong_state;
    return std::unexpected(Violation{name, quote(frame), no_method});
}

std::expected<void, Violation> Connection::check_offered(methods::MethodId id) const {
    const bool all = deviations().extension_methods == profile::ExtensionMethods::offered;
    if (all || has_method(version_, id)) return {};
    const auto* row = methods::find_method(id);
    return std::unexpected(Violation{
        ViolationName::method_not_implemented,
        fmt::format("{} is no method of {}", row ? row->name : "that", to_string(version_)),
        id,
    });
}

bool Connection::consumes(std::string_view consumer_tag) const {
    return std::ranges::any_of(channels_, [&](const auto& entry) { return entry.second->consumes(consumer_tag); });
}

std::expected<void, Violation> Connection::on_connection_method(const Frame& frame) {
    const auto method = methods::decode_method(frame.payload);
    if (!method) {
        if (deviations().undecodable == profile::Undecodable::by_reply_codes) {
            return std::unexpected(undecodable_by_reply_code(method.error(), frame));
        }
        if (method.error().kind == codec::wire::DecodeError::Kind::unknown_method) {
            return refuse(ViolationName::unknown_method, "");
        }
        return std::unexpected(Violation{ViolationName::undecodable_method_on_channel_0, "", no_method});
    }
    if (auto offered = check_offered(methods::id_of(*method)); !offered) return offered;
    auto outcome = std::visit([this](const auto& m) { return on(m); }, *method);
    if (!outcome) {
        if (!outcome.error().method) outcome.error().method = methods::id_of(*method);
        return std::unexpected(outcome.error());
    }
    if (*outcome) send(connection_channel, **outcome);
    return {};
}

std::expected<void, Violation> Connection::on_channel_frame(const Frame& frame) {
    const bool out_of_place = state_ != State::running || frame.type == frame_type::heartbeat;
    if (out_of_place) {
        const bool by_clause = deviations().misplaced_frames == profile::MisplacedFrames::by_their_clauses;
        const bool stray_heartbeat = by_clause && state_ == State::running;
        const auto name = stray_heartbeat ? ViolationName::heartbeat_on_channel : ViolationName::frame_in_wrong_state;
        return std::unexpected(Violation{name, quote(frame), no_method});
    }
    const auto found = channels_.find(frame.channel);
    if (found == channels_.end()) return open_channel(frame);
    auto done = found->second->receive(frame);
    if (done && found->second->closed()) remove_channel(frame.channel);
    return done;
}

// The first frame of a channel has to be channel.open (1.5.2.1). For RabbitMQ the number of channels is limited, not
// their numbers.
std::expected<void, Violation> Connection::open_channel(const Frame& frame) {
    auto method = Channel::decode(frame, deviations());
    if (!method) return std::unexpected(method.error());
    if (!std::holds_alternative<methods::channel::Open>(*method)) {
        return std::unexpected(
            Violation{ViolationName::channel_not_open, "expected 'channel.open'", methods::id_of(*method)}
        );
    }
    if (deviations().channel_max == profile::ChannelMax::of_the_numbers && frame.channel.value > channel_max_) {
        auto text =
            fmt::format("channel {} is beyond the negotiated channel_max ({})", frame.channel.value, channel_max_);
        return std::unexpected(
            Violation{ViolationName::channel_number_too_high, std::move(text), methods::id_of(*method)}
        );
    }
    if (channels_.size() >= channel_max_) {
        auto text =
            fmt::format("number of channels opened ({0}) has reached the negotiated channel_max ({0})", channel_max_);
        return std::unexpected(Violation{ViolationName::too_many_channels, std::move(text), no_method});
    }
    if (auto within = check_channel_limit(); !within) return within;
    if (!node_.context.memory.has_room_for(model::price::channel)) {
        return std::unexpected(
            Violation{ViolationName::memory_exhausted, std::string(memory_is_used_up), methods::channel::Open::id}
        );
    }
    channels_.emplace(frame.channel, std::make_unique<Channel>(*this, frame.channel, ++channels_opened_));
    node_.sessions.at(id_).channels = channels_.size();
    node_.context.outbox.event(
        {.kind = Event::Kind::channel_opened,
         .connection = id_,
         .channel = frame.channel.value,
         .subject = {},
         .detail = {}}
    );
    send(frame.channel, methods::channel::OpenOk{});
    return {};
}

void Connection::remove_channel(ChannelNumber number) {
    channels_.erase(number);
    node_.sessions.at(id_).channels = channels_.size();
    node_.context.outbox.event(
        {.kind = Event::Kind::channel_closed, .connection = id_, .channel = number.value, .subject = {}, .detail = {}}
    );
}

// RabbitMQ notices an alarm at the first content header of a publishing connection: it stops reading there.
bool Connection::held_back_by_alarm(const Frame& frame) const {
    return !node_.alarms.empty() && frame.type == frame_type::header && state_ == State::running;
}

// What has arrived already waits in the splitter; the driver leaves the rest in the transport.
void Connection::hold_back() {
    const bool memory = node_.alarms.contains(SetAlarm::Resource::memory);
    const bool disk = node_.alarms.contains(SetAlarm::Resource::disk);
    held_back_for_ = fmt::format("low on {}", memory && disk ? "memory & disk" : memory ? "memory" : "disk");
    if (capabilities_.connection_blocked) {
        send(connection_channel, methods::connection::Blocked{.reason = held_back_for_});
    }
    held_back_ = true;
    node_.context.outbox.event(hold_event(Hold::begins, id_, held_back_for_));
}

void Connection::alarms_changed() {
    if (!node_.alarms.empty() || !held_back_) return;
    if (capabilities_.connection_blocked) send(connection_channel, methods::connection::Unblocked{});
    go_on();
}

void Connection::go_on() {
    held_back_ = false;
    node_.context.outbox.event(hold_event(Hold::ends, id_, held_back_for_));
    read_frames();
    end_of_input();
}

void Connection::end_of_input() {
    for (const auto& [number, channel] : channels_) channel->flush_confirms();
}

// Of a long queue a consumer gets so much at a time, that others have their turn and a transport can say it is full.
bool Connection::takes_deliveries() const {
    return !congested_ && node_.context.outbox.pending(id_) < deliveries_at_a_time;
}

void Connection::delivered() {
    auto& context = node_.context;
    if (context.outbox.pending(id_) >= deliveries_at_a_time) context.more_to_deliver.insert(id_);
}

void Connection::deliver_more() {
    for (const auto& [number, channel] : channels_) channel->deliver_more();
}

void Connection::set_congested(bool congested) {
    congested_ = congested;
    if (!congested_) deliver_more();
}

void Connection::disk_synced() {
    for (const auto& [number, channel] : channels_) channel->disk_synced();
    end_of_input();
}

void Connection::on_taken(std::uint16_t channel) {
    const auto found = channels_.find(codec::amqp091::ChannelNumber{channel});
    if (found == channels_.end()) return;
    found->second->on_taken();
    end_of_input();
}

// What its channels held is back in the queues. They know its consumers until they are stopped, so it must live on.
void Connection::lose_power() {
    for (const auto& [number, channel] : channels_) channel->surrender();
    node_.sessions.erase(id_);
    forget("the broker crashed");
}

void Connection::transport_gone() {
    if (state_ == State::finished) return;
    finish(state_ == State::closed ? "closed by the client" : "the transport is gone");
}

void Connection::close_by_operator(std::string_view reason) {
    if (state_ != State::running) return finish(reason);
    end_with({ViolationName::closed_by_operator, std::string(reason), no_method});
    if (held_back_) go_on();  // close-ok is waited for
}

// The one place where a violation becomes frames.
void Connection::end_with(const Violation& violation) {
    const auto& row = violation.row();
    node_.context.outbox.event({
        .kind = Event::Kind::violation,
        .connection = id_,
        .subject = std::string(row.name),
        .detail = reply_text(code_of(violation), violation),
        .number = static_cast<std::uint64_t>(code_of(violation)),
    });
    if (row.scope == codec::Scope::abrupt) return finish(row.name);
    if (tells(violation) && row.scope != codec::Scope::silent) return send_close(violation);
    if (deviations().silent_drop_delay.count() == 0) return finish(row.name);
    condemn(deviations().silent_drop_delay);
}

// 2.2.4: before connection.open-ok an error just ends the connection, save for connection.open itself, which is
// answered.
bool Connection::tells(const Violation& violation) const {
    if (violation.name == ViolationName::login_refused) return true;
    const bool silent_until_open = deviations().errors_while_opening == profile::ErrorsWhileOpening::silent;
    if (state_ == State::opening && silent_until_open) return violation.method == methods::connection::Open::id;
    return !before_open();
}

// 0-9 knows no 505; what it says for an invalid sequence of frames is 503.
methods::ReplyCode Connection::code_of(const Violation& violation) const {
    const auto code = violation.row().code;
    const bool unknown = version_ == ProtocolVersion::v0_9 && code == methods::ReplyCode::unexpected_frame;
    return unknown ? methods::ReplyCode::command_invalid : code;
}

void Connection::send_close(const Violation& violation) {
    const auto text = reply_text(code_of(violation), violation);
    const auto method = violation.method.value_or(no_method);
    end_channels();
    send(
        connection_channel,
        methods::connection::Close{
            .reply_code = static_cast<std::uint16_t>(code_of(violation)),
            .reply_text = text,
            .class_id = method.class_id,
            .method_id = method.method_id,
        }
    );
    if (violation.row().scope == codec::Scope::fatal) return condemn(drop_delay);
    state_ = State::closing;
    drop_after(violation.name == ViolationName::login_refused ? drop_delay : patience());
}

void Connection::end_channels() {
    for (const auto& [number, channel] : channels_) channel->end();
    channels_.clear();
    if (vhost_) vhost_->delete_exclusive_queues(id_);
    node_.sessions.erase(id_);
}

bool Connection::leave(const model::VirtualHost& vhost) {
    if (vhost_ != &vhost) return false;
    vhost_ = nullptr;
    return true;
}

// How long a close waits for the peer: a heartbeat, at most 30 s.
Duration Connection::patience() const {
    return heartbeat_.count() == 0 ? close_patience_max : std::min(heartbeat_, close_patience_max);
}

void Connection::drop_after(Duration delay) {
    auto& context = node_.context;
    context.timers.set(drop_timer_, context.now + delay, ConnectionTimer{id_, ConnectionTimer::Kind::drop});
}

// RabbitMQ sleeps before it drops a peer it does not understand.
void Connection::condemn(Duration delay) {
    end_channels();
    state_ = State::condemned;
    drop_after(delay);
}

void Connection::finish(std::string_view why) {
    end_channels();
    forget(why);
}

void Connection::forget(std::string_view why) {
    state_ = State::finished;
    auto& context = node_.context;
    for (auto* timer : {&drop_timer_, &send_timer_, &receive_timer_}) context.timers.cancel(*timer);
    context.outbox.event(
        {.kind = Event::Kind::connection_closed, .connection = id_, .subject = peer_, .detail = std::string(why)}
    );
    context.outbox.close(id_);
}

std::string_view Connection::state_name() const {
    switch (state_) {
        case State::awaiting_header: return "pre_init";
        case State::starting: return "starting";
        case State::securing: return "securing";
        case State::tuning: return "tuning";
        case State::opening: return "opening";
        case State::running: return "running";
        case State::closing: return "closing";
        case State::closed: return "closed";
        case State::condemned:
        case State::finished: break;
    }
    return "closed";
}

}  // namespace simbroker::server091
