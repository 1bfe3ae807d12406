#include "simbroker/fault/inserted_requests.hpp"

#include <algorithm>
#include <optional>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/trigger.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

namespace {

constexpr std::uint16_t reply_success = 200;

bool is(const Unit& unit, MethodId channels, MethodId connections) {
    if (unit.kind != Unit::Kind::frame || unit.type() != frame_type::method) return false;
    return peek_method_id(unit.payload()) == (unit.channel() == connection_channel ? connections : channels);
}

bool is_close(const Unit& unit) { return is(unit, channel::Close::id, connection::Close::id); }
bool is_close_ok(const Unit& unit) { return is(unit, channel::CloseOk::id, connection::CloseOk::id); }

// What the client answers to a method of ours, where the broker would wonder.
std::optional<MethodId> answer_to(const Unit& unit) {
    if (kind_of(unit) != FrameKind::method) return std::nullopt;
    const auto method = decode_method(unit.payload());
    if (!method) return std::nullopt;
    if (std::holds_alternative<channel::Flow>(*method)) return channel::FlowOk::id;
    const auto* cancel = std::get_if<basic::Cancel>(&*method);
    return cancel != nullptr && !cancel->no_wait ? std::optional(basic::CancelOk::id) : std::nullopt;
}

Bytes close_frame(ChannelNumber number) {
    Bytes octets;
    if (number == connection_channel) {
        append_method(octets, number, connection::Close{.reply_code = reply_success, .reply_text = {}});
    } else {
        append_method(octets, number, channel::Close{.reply_code = reply_success, .reply_text = {}});
    }
    return octets;
}

}  // namespace

void InsertedRequests::note(BytesView inserted) {
    for (const auto& unit : FrameStream().feed(inserted)) {
        if (is_close(unit)) channels_[unit.channel()] = State::awaits_close_ok;
        if (const auto answer = answer_to(unit)) awaited_.emplace(unit.channel(), *answer);
    }
}

bool InsertedRequests::takes_answer(const Unit& unit) {
    if (awaited_.empty() || kind_of(unit) != FrameKind::method) return false;
    const auto id = peek_method_id(unit.payload());
    if (is_close(unit) || is_close_ok(unit)) awaited_.erase(unit.channel());
    const auto [first, last] = awaited_.equal_range(unit.channel());
    const auto found = std::find_if(first, last, [&](const auto& awaited) { return awaited.second == id; });
    if (found == last) return false;
    awaited_.erase(found);
    return true;
}

InsertedRequests::Verdict InsertedRequests::on_the_way_to_server(Unit& unit) {
    if (takes_answer(unit)) return Verdict::swallow;
    const auto found = channels_.find(unit.channel());
    if (found == channels_.end()) return Verdict::pass;
    switch (found->second) {
        case State::swallows_close_ok: return Verdict::pass;
        case State::crossed: channels_.erase(found); return is_close_ok(unit) ? Verdict::swallow : Verdict::pass;
        case State::awaits_close_ok: break;
    }
    if (is_close(unit)) {
        found->second = State::crossed;
        return Verdict::pass;
    }
    if (!is_close_ok(unit)) return Verdict::swallow;
    unit.octets = close_frame(unit.channel());
    found->second = State::swallows_close_ok;
    return Verdict::pass;
}

InsertedRequests::Verdict InsertedRequests::on_the_way_to_client(const Unit& unit) {
    const auto found = channels_.find(unit.channel());
    if (found == channels_.end()) return Verdict::pass;
    switch (found->second) {
        case State::crossed: return Verdict::pass;
        case State::swallows_close_ok:
            if (is_close_ok(unit)) channels_.erase(found);
            return Verdict::swallow;
        case State::awaits_close_ok: break;
    }
    // After a close nothing may come on its channel but a close, or the close-ok to a close that crossed ours.
    if (is_close_ok(unit)) found->second = State::crossed;
    return is_close_ok(unit) || is_close(unit) ? Verdict::pass : Verdict::swallow;
}

}  // namespace simbroker::fault
