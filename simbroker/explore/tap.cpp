// Reads along. What clients say counts when the broker reads it: not while it holds a connection back, not on a channel
// that it has closed.
#include "simbroker/explore/tap.hpp"

#include <algorithm>
#include <utility>

namespace simbroker::explore {

using codec::amqp091::Frame;
using codec::amqp091::Method;
using codec::wire::Bytes;
using codec::wire::BytesView;
namespace methods = codec::amqp091;
namespace frame_type = codec::amqp091::frame_type;

namespace {

bool tells(const Outputs& outputs, Event::Kind kind) {
    return std::ranges::any_of(outputs, [&](const Output& output) {
        const auto* event = std::get_if<Event>(&output);
        return event && event->kind == kind;
    });
}

}  // namespace

Outputs Tap::handle(Instant now, const Input& input) {
    auto outputs = inner_.handle(now, input);
    ledger_.set_now(now);
    read_input(input, outputs);
    for (const auto& output : outputs) {
        if (const auto* send = std::get_if<Send>(&output)) {
            read_from_broker(send->connection, send->bytes);
        } else if (const auto* close = std::get_if<Close>(&output)) {
            end(close->connection);
        } else if (const auto* event = std::get_if<Event>(&output)) {
            ledger_.event(*event);
        }
    }
    return outputs;
}

void Tap::read_input(const Input& input, const Outputs& outputs) {
    if (const auto* connected = std::get_if<Connected>(&input)) {
        connections_.try_emplace(connected->connection);
    } else if (const auto* received = std::get_if<Received>(&input)) {
        note_doubts(received->connection, outputs);
        read_from_client(received->connection, received->bytes);
    } else if (const auto* gone = std::get_if<Disconnected>(&input)) {
        end(gone->connection);
    } else if (const auto* set = std::get_if<SetAlarm>(&input)) {
        alarm(*set, outputs);
    } else if (std::holds_alternative<Crash>(input) && tells(outputs, Event::Kind::broker_stopped)) {
        while (!connections_.empty()) end(connections_.begin()->first);
        ledger_.stopped(Ledger::Stop::crash);
    } else if (std::holds_alternative<Start>(input) && tells(outputs, Event::Kind::broker_started)) {
        // After an orderly stop the broker forgets only now.
        while (!connections_.empty()) end(connections_.begin()->first);
        ledger_.stopped(Ledger::Stop::orderly);
    } else if (const auto* operate = std::get_if<Operate>(&input)) {
        if (const auto* purge = std::get_if<operation::PurgeQueue>(&operate->operation)) ledger_.purged(purge->queue);
    }
}

// A channel that ends in the breath in which its client says something: at which of its frames nobody can tell.
void Tap::note_doubts(ConnectionId id, const Outputs& outputs) {
    const auto doubt_all = [&] {
        std::vector<ChannelKey> keys;
        for (const auto& [key, channel] : ledger_.channels()) {
            if (key.connection == id) keys.push_back(key);
        }
        for (const auto key : keys) ledger_.doubt(key);
    };
    for (const auto& output : outputs) {
        if (const auto* close = std::get_if<Close>(&output); close && close->connection == id) doubt_all();
        const auto* send = std::get_if<Send>(&output);
        const auto found = connections_.find(id);
        if (!send || send->connection != id || found == connections_.end()) continue;
        methods::FrameSplitter splitter(std::size_t{1} << 27);
        splitter.feed(send->bytes);
        while (const auto frame = splitter.next()) {
            if (!*frame) break;
            if ((*frame)->type != frame_type::method) continue;
            const auto method = methods::peek_method_id((*frame)->payload);
            if (method == methods::channel::Close::id) ledger_.doubt({id, (*frame)->channel.value});
            if (method == methods::connection::Close::id) doubt_all();
        }
    }
}

void Tap::end(ConnectionId id) {
    connections_.erase(id);
    ledger_.connection_gone(id);
}

void Tap::alarm(const SetAlarm& set, const Outputs& outputs) {
    const bool raised = set.state == SetAlarm::State::raised;
    (set.resource == SetAlarm::Resource::memory ? memory_ : disk_) = raised;
    if (memory_ || disk_) return;
    for (auto& [id, connection] : connections_) {
        if (!std::exchange(connection.held, false)) continue;
        note_doubts(id, outputs);
        read_frames_from_client(id, connection);
    }
}

// ---- from a client

void Tap::read_from_client(ConnectionId id, BytesView octets) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    auto& connection = found->second;
    connection.to_broker.splitter.feed(octets);
    if (!connection.greeted) {
        connection.greeted = connection.to_broker.splitter.take(methods::protocol_header_091.size()).has_value();
        if (!connection.greeted) return;
    }
    read_frames_from_client(id, connection);
    connection.to_broker.splitter.keep();
}

void Tap::read_frames_from_client(ConnectionId id, Connection& connection) {
    while (!connection.held && !connection.ended) {
        const auto frame = connection.to_broker.splitter.next();
        if (!frame || !*frame) return;
        from_client(id, connection, **frame);
    }
}

void Tap::from_client(ConnectionId id, Connection& connection, const Frame& frame) {
    const ChannelKey key{id, frame.channel.value};
    const bool closing = std::ranges::find(connection.closing, key.channel) != connection.closing.end();
    if (frame.type == frame_type::header && (memory_ || disk_)) connection.held = true;
    if (frame.type != frame_type::method) {
        if (closing) return;
        if (const auto content = content_of(connection.to_broker, frame)) published(key, *content);
        return;
    }
    const auto method = methods::decode_method(frame.payload);
    if (!method) return;
    if (closing) {
        if (std::holds_alternative<methods::channel::CloseOk>(*method)) std::erase(connection.closing, key.channel);
        return;
    }
    if (methods::carries_content(*method)) {
        connection.to_broker.contents[key.channel] = {.method = Bytes(frame.payload.begin(), frame.payload.end())};
        return;
    }
    client_says(id, connection, key, *method);
}

std::optional<Tap::Content> Tap::content_of(Way& way, const Frame& frame) {
    const auto found = way.contents.find(frame.channel.value);
    if (found == way.contents.end()) return std::nullopt;
    auto& content = found->second;
    if (frame.type == frame_type::header) {
        const auto header = methods::decode_content_header(frame.payload);
        if (!header) return std::nullopt;
        content.properties.assign(header->property_octets.begin(), header->property_octets.end());
        content.announced = header->body_size;
    } else if (frame.type == frame_type::body) {
        content.body += codec::wire::as_text(frame.payload);
    }
    if (content.properties.empty() || content.body.size() < content.announced) return std::nullopt;
    auto whole = std::move(content);
    way.contents.erase(found);
    return whole;
}

void Tap::published(ChannelKey key, const Content& content) {
    const auto method = methods::decode_method(content.method);
    const auto properties = methods::decode_properties(content.properties);
    const auto* publish = method ? std::get_if<methods::basic::Publish>(&*method) : nullptr;
    if (!publish || !properties) return;
    ledger_.publish(
        key,
        {.exchange = publish->exchange.text(),
         .routing_key = publish->routing_key.text(),
         .id = properties->message_id ? properties->message_id->text() : "",
         .body = content.body,
         .persistent = properties->delivery_mode == methods::persistent_delivery}
    );
}

void Tap::client_says(ConnectionId id, Connection& connection, ChannelKey key, const Method& method) {
    using How = Ledger::Settlement::How;
    if (const auto* ack = std::get_if<methods::basic::Ack>(&method)) {
        ledger_.settle(key, {ack->delivery_tag, ack->multiple, How::ack});
    } else if (const auto* nack = std::get_if<methods::basic::Nack>(&method)) {
        ledger_.settle(key, {nack->delivery_tag, nack->multiple, nack->requeue ? How::requeue : How::discard});
    } else if (const auto* reject = std::get_if<methods::basic::Reject>(&method)) {
        ledger_.settle(key, {reject->delivery_tag, false, reject->requeue ? How::requeue : How::discard});
    } else if (const auto* qos = std::get_if<methods::basic::Qos>(&method)) {
        ledger_.set_prefetch(key, qos->prefetch_count);
    } else if (const auto* consume = std::get_if<methods::basic::Consume>(&method)) {
        ledger_.consume(
            key,
            {.tag = std::string(consume->consumer_tag.text()),
             .queue = std::string(consume->queue.text()),
             .no_ack = consume->no_ack,
             .exclusive = consume->exclusive}
        );
    } else if (const auto* get = std::get_if<methods::basic::Get>(&method)) {
        ledger_.get(key, get->queue.text(), get->no_ack);
    } else if (std::holds_alternative<methods::confirm::Select>(method)) {
        ledger_.select_confirms(key);
    } else if (std::holds_alternative<methods::tx::Select>(method)) {
        ledger_.select_transactions(key);
    } else if (std::holds_alternative<methods::tx::Commit>(method)) {
        ledger_.commit(key);
    } else if (std::holds_alternative<methods::tx::Rollback>(method)) {
        ledger_.roll_back(key);
    } else if (std::holds_alternative<methods::channel::Close>(method)) {
        ledger_.channel_gone(key);
    } else if (std::holds_alternative<methods::connection::Close>(method)) {
        connection.ended = true;
        ledger_.connection_gone(id);
    }
}

// ---- from the broker

void Tap::read_from_broker(ConnectionId id, BytesView octets) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    auto& connection = found->second;
    connection.to_client.splitter.feed(octets);
    while (const auto frame = connection.to_client.splitter.next()) {
        if (!*frame) return;
        from_broker(id, connection, **frame);
    }
}

void Tap::from_broker(ConnectionId id, Connection& connection, const Frame& frame) {
    const ChannelKey key{id, frame.channel.value};
    if (frame.type != frame_type::method) {
        if (const auto content = content_of(connection.to_client, frame)) sent(key, *content);
        return;
    }
    const auto method = methods::decode_method(frame.payload);
    if (!method) return;
    if (methods::carries_content(*method)) {
        connection.to_client.contents[key.channel] = {.method = Bytes(frame.payload.begin(), frame.payload.end())};
        return;
    }
    broker_says(id, connection, key, *method);
}

void Tap::sent(ChannelKey key, const Content& content) {
    const auto method = methods::decode_method(content.method);
    const auto properties = methods::decode_properties(content.properties);
    if (!method || !properties) return;
    const auto id = properties->message_id ? properties->message_id->text() : std::string_view();
    if (const auto* deliver = std::get_if<methods::basic::Deliver>(&*method)) {
        const Arriving what{
            deliver->delivery_tag,
            deliver->redelivered,
            deliver->exchange.text(),
            deliver->routing_key.text(),
            id,
            content.body
        };
        ledger_.deliver(key, deliver->consumer_tag.text(), what);
    } else if (const auto* got = std::get_if<methods::basic::GetOk>(&*method)) {
        const Arriving what{
            got->delivery_tag, got->redelivered, got->exchange.text(), got->routing_key.text(), id, content.body
        };
        ledger_.got(key, what);
    } else if (std::holds_alternative<methods::basic::Return>(*method)) {
        ledger_.returned(key, id);
    }
}

void Tap::broker_says(ConnectionId id, Connection& connection, ChannelKey key, const Method& method) {
    if (const auto* ack = std::get_if<methods::basic::Ack>(&method)) {
        ledger_.confirm(key, ack->delivery_tag, ack->multiple, Answer::confirmed);
    } else if (const auto* nack = std::get_if<methods::basic::Nack>(&method)) {
        ledger_.confirm(key, nack->delivery_tag, nack->multiple, Answer::refused);
    } else if (const auto* added = std::get_if<methods::basic::ConsumeOk>(&method)) {
        ledger_.consumer_added(key, added->consumer_tag.text());
    } else if (const auto* cancelled = std::get_if<methods::basic::CancelOk>(&method)) {
        ledger_.consumer_gone(key, cancelled->consumer_tag.text());
    } else if (const auto* cancel = std::get_if<methods::basic::Cancel>(&method)) {
        ledger_.consumer_gone(key, cancel->consumer_tag.text());
    } else if (std::holds_alternative<methods::basic::RecoverOk>(method)) {
        ledger_.recover(key);
    } else if (std::holds_alternative<methods::basic::GetEmpty>(method)) {
        ledger_.got_nothing(key);
    } else if (std::holds_alternative<methods::tx::CommitOk>(method)) {
        ledger_.committed(key);
    } else if (std::holds_alternative<methods::channel::Close>(method)) {
        connection.closing.push_back(key.channel);
        ledger_.channel_gone(key);
    } else if (std::holds_alternative<methods::connection::Close>(method)) {
        connection.ended = true;
        ledger_.connection_gone(id);
    }
}

}  // namespace simbroker::explore
