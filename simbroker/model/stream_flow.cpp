// The way of a message into a stream and from there to its readers. The rest of VirtualHost is in virtual_host.cpp.
#include "simbroker/extension/stream_queue.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

void VirtualHost::append_to_stream(Queue& stream, MessagePtr message) {
    context_.memory.take_message(message->memory());
    context_.message_event(Event::Kind::message_routed, stream.name());
    const auto limits = extension::stream_limits(stream.settings());
    stream.stream->append(std::move(message), context_.now, limits);
    for (const auto& dropped : stream.stream->drop_surplus(context_.now, limits)) {
        context_.message_event(Event::Kind::message_dropped, stream.name(), "retention");
        context_.memory.give_message_back(dropped->memory());
    }
    schedule_dispatch(stream);
}

// Each reader in turn gets what its credit allows: they do not compete.
void VirtualHost::dispatch_stream(Queue& stream) {
    const auto readers = stream.subscribers.in_order_of_arrival();
    for (auto* reader : readers) {
        while (reader->has_credit()) {
            const auto* entry = stream.stream->read(*reader);
            if (!entry) break;
            QueuedMessage lent;
            lent.message = entry->message;
            lent.position = entry->offset;
            lent.kept_by_stream = true;
            ++stream.unacknowledged;
            reader->deliver(stream, std::move(lent));
        }
    }
}

void VirtualHost::release_stream(Queue& stream) {
    for (const auto& entry : stream.stream->entries()) context_.memory.give_message_back(entry.message->memory());
}

}  // namespace simbroker::model
