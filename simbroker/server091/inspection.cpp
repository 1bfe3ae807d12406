// What an operator sees of a connection, its channels, their consumers, and what they hold unacknowledged. Columns have
// rabbitmqctl's names where it has one.
#include <nlohmann/json.hpp>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using model::Rows;
using nlohmann::json;

void Connection::describe(json& row) const {
    row["state"] = held_back_ ? "blocked" : "running";
    row["auth_mechanism"] = mechanism_;
    row["ssl"] = tls_.has_value();
    row["channel_max"] = channel_max_;
    row["frame_max"] = frame_max_;
    row["timeout"] = heartbeat_.count();
}

void Connection::add_channels(Rows& rows) const {
    for (const auto& [number, channel] : channels_) {
        json row{{"connection", id_.value}, {"number", number.value}, {"user", user_}, {"vhost", vhost_->name()}};
        channel->describe(row);
        rows.push_back(std::move(row));
    }
}

void Connection::add_consumers(Rows& rows) const {
    for (const auto& [number, channel] : channels_) {
        channel->add_consumers(rows, {{"connection", id_.value}, {"channel", number.value}});
    }
}

void Connection::add_unacknowledged(Rows& rows, std::string_view queue) const {
    for (const auto& [number, channel] : channels_) {
        channel->add_unacknowledged(rows, {{"connection", id_.value}, {"channel", number.value}}, queue);
    }
}

Deadline Connection::name(model::ConnectionTimer::Kind kind) const {
    Deadline named{.connection = id_};
    switch (kind) {
        case model::ConnectionTimer::Kind::send_heartbeat: named.kind = Deadline::Kind::heartbeat; break;
        case model::ConnectionTimer::Kind::expect_octets: named.kind = Deadline::Kind::heartbeat_check; break;
        case model::ConnectionTimer::Kind::drop:
            named.kind = state_ < State::running     ? Deadline::Kind::handshake_timeout
                         : state_ < State::condemned ? Deadline::Kind::close_timeout
                                                     : Deadline::Kind::refusal_delay;
            break;
    }
    return named;
}

void Channel::describe(json& row) const {
    row["consumer_count"] = consumers_.size() + (reply_consumer_ ? 1 : 0);
    row["messages_unacknowledged"] = unacknowledged_.size();
    row["messages_unconfirmed"] = confirms_.unconfirmed();
    row["messages_uncommitted"] = transaction_ ? transaction_->publications.size() : 0;
    row["acks_uncommitted"] = transaction_ ? transaction_->settlements.size() : 0;
    row["prefetch_count"] = consumer_prefetch_;
    row["global_prefetch_count"] = channel_prefetch_;
    row["confirm"] = confirms_.selected();
    row["transactional"] = transaction_.has_value();
}

void Channel::add_consumers(Rows& rows, const json& place) const {
    const auto add = [&](std::string_view queue, const json& columns) {
        auto row = place;
        row["queue_name"] = queue;
        row.update(columns);
        rows.push_back(std::move(row));
    };
    for (const auto& [tag, consumer] : consumers_) {
        const auto& terms = consumer->terms();
        const auto* queue = vhost().find_queue(terms.queue);
        add(queue ? queue->name() : "",
            {{"consumer_tag", tag},
             {"ack_required", terms.acknowledgement == Acknowledgement::manual},
             {"prefetch_count", terms.prefetch_count},
             {"priority", terms.priority},
             {"messages_unacknowledged", consumer->unacknowledged}});
    }
    if (!reply_consumer_) return;
    add(extension::reply_to_queue,
        {{"consumer_tag", reply_consumer_->tag},
         {"ack_required", false},
         {"prefetch_count", 0},
         {"priority", 0},
         {"messages_unacknowledged", 0}});
}

void Channel::add_unacknowledged(Rows& rows, const json& place, std::string_view wanted) const {
    for (const auto& [tag, delivery] : unacknowledged_) {
        const auto* queue = vhost().find_queue(delivery.queue);
        if (!queue || (!wanted.empty() && queue->name() != wanted)) continue;
        auto row = model::message_row(delivery.message);
        row.update(place);
        row["queue"] = queue->name();
        row["delivery_tag"] = tag;
        row["consumer_tag"] = "";
        for (const auto& [consumer_tag, consumer] : consumers_) {
            if (consumer->number() == delivery.consumer) row["consumer_tag"] = consumer_tag;
        }
        rows.push_back(std::move(row));
    }
}

}  // namespace simbroker::server091
