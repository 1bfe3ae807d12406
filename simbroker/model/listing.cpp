// What an operator can look at, one JSON object a row, in the order of names. Columns have rabbitmqctl's names.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/extension/queue_type.hpp"
#include "simbroker/model/inspection.hpp"
#include "simbroker/model/operator.hpp"

namespace simbroker::model {
namespace {

using nlohmann::json;
using Asked = operation::List;

bool is_wanted(const std::string& queue, const Asked& asked) { return asked.queue.empty() || asked.queue == queue; }

Rows users(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) rows.push_back({{"user", name}, {"tags", user.tags}});
    return rows;
}

Rows vhosts(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [name, vhost] : node.vhosts) rows.push_back({{"name", name}});
    return rows;
}

Rows user_permissions(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) {
        for (const auto& [vhost, held] : user.permissions) {
            rows.push_back(
                {{"user", name},
                 {"vhost", vhost},
                 {"configure", held.configure.text()},
                 {"write", held.write.text()},
                 {"read", held.read.text()}}
            );
        }
    }
    return rows;
}

Rows permissions(const Node& node, const VirtualHost* vhost, const Asked&) {
    auto rows = user_permissions(node, vhost, {});
    std::erase_if(rows, [&](const json& row) { return row.at("vhost") != vhost->name(); });
    return rows;
}

Rows topic_permissions(const Node& node, const VirtualHost* vhost, const Asked&) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) {
        for (const auto& [where, held] : user.topic_permissions) {
            if (where.first != vhost->name()) continue;
            rows.push_back({{"user", name}, {"exchange", where.second}, {"write", held.write}, {"read", held.read}});
        }
    }
    return rows;
}

void add_limit(json& limits, const char* name, const std::optional<std::size_t>& limit) {
    if (limit) limits[name] = *limit;
}

Rows user_limits(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) {
        auto limits = json::object();
        add_limit(limits, "max-connections", user.limits.max_connections);
        add_limit(limits, "max-channels", user.limits.max_channels);
        if (!limits.empty()) rows.push_back({{"user", name}, {"limits", std::move(limits)}});
    }
    return rows;
}

Rows vhost_limits(const Node&, const VirtualHost* vhost, const Asked&) {
    auto limits = json::object();
    add_limit(limits, "max-connections", vhost->limits.max_connections);
    add_limit(limits, "max-queues", vhost->limits.max_queues);
    add_limit(limits, "max-exchanges", vhost->limits.max_exchanges);
    if (limits.empty()) return {};
    return {{{"vhost", vhost->name()}, {"limits", std::move(limits)}}};
}

// Of all virtual hosts. The pid has the shape of Erlang's and holds the connection's number.
Rows connections(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [id, session] : node.sessions) {
        const auto colon = session.peer.rfind(':');
        const bool has_port = colon != std::string::npos;
        rows.push_back(
            {{"pid", fmt::format("<{}.1.{}.0>", node.context.config.cluster_name, id.value)},
             {"connection", id.value},
             {"user", session.user},
             {"vhost", session.vhost},
             {"peer_host", session.peer.substr(0, colon)},
             {"peer_port", has_port ? session.peer.substr(colon + 1) : ""},
             {"channels", session.channels}}
        );
        session.shown->describe(rows.back());
    }
    return rows;
}

// The broker as a whole: what its bounds count.
Rows node_row(const Node& node, const VirtualHost*, const Asked&) {
    std::size_t queues = 0;
    for (const auto& [name, vhost] : node.vhosts) queues += vhost.queues().size();
    return {
        {{"name", node.context.config.cluster_name},
         {"message_bytes", node.context.memory.in_messages()},
         {"memory", node.context.memory.used()},
         {"connections", node.sessions.size()},
         {"queues", queues}}
    };
}

Rows queues(const Node&, const VirtualHost* vhost, const Asked& asked) {
    Rows rows;
    for (const auto& [name, queue] : vhost->queues()) {
        if (!is_wanted(name, asked)) continue;
        const auto& attributes = queue->attributes();
        const auto ready = queue->message_count();
        rows.push_back(
            {{"name", name},
             {"vhost", vhost->name()},
             {"type", extension::row_of(*queue).name},
             {"arguments", arguments_to_json(queue->arguments())},
             {"messages", ready + queue->delayed.size() + queue->unacknowledged},
             {"messages_ready", ready},
             {"messages_delayed", queue->delayed.size()},
             {"messages_unacknowledged", queue->unacknowledged},
             {"message_bytes_ready", queue->ready.body_bytes()},
             {"consumers", queue->subscribers.count()},
             {"policy", queue->policy},
             {"operator_policy", queue->operator_policy},
             {"durable", attributes.durable},
             {"auto_delete", attributes.auto_delete},
             {"exclusive", attributes.exclusive_owner.has_value()},
             {"owner_connection", attributes.exclusive_owner ? json(attributes.exclusive_owner->value) : json()}}
        );
    }
    return rows;
}

Rows exchanges(const Node&, const VirtualHost* vhost, const Asked&) {
    Rows rows;
    for (const auto& [name, exchange] : vhost->exchanges()) {
        const auto& attributes = exchange.attributes();
        rows.push_back(
            {{"name", name},
             {"vhost", vhost->name()},
             {"type", extension::to_string(attributes.type)},
             {"arguments", arguments_to_json(exchange.arguments())},
             {"policy", exchange.policy},
             {"durable", attributes.durable},
             {"auto_delete", attributes.auto_delete},
             {"internal", attributes.internal}}
        );
    }
    return rows;
}

// First every queue's binding to the default exchange (3.1.2), which is nobody's doing.
Rows bindings(const Node&, const VirtualHost* vhost, const Asked& asked) {
    Rows rows;
    const auto add = [&](const std::string& source, const Binding& binding) {
        const bool to_queue = binding.destination.kind == Destination::Kind::queue;
        if (!asked.queue.empty() && (!to_queue || binding.destination.name != asked.queue)) return;
        rows.push_back(
            {{"source_name", source},
             {"source_kind", "exchange"},
             {"destination_name", binding.destination.name},
             {"destination_kind", to_queue ? "queue" : "exchange"},
             {"routing_key", binding.routing_key},
             {"arguments", arguments_to_json(binding.argument_table())},
             {"vhost", vhost->name()}}
        );
    };
    for (const auto& [name, queue] : vhost->queues()) add("", {{Destination::Kind::queue, name}, name, {}});
    for (const auto& [name, exchange] : vhost->exchanges()) {
        for (const auto& binding : exchange.bindings()) add(name, binding);
    }
    return rows;
}

Rows channels(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto& [id, session] : node.sessions) session.shown->add_channels(rows);
    return rows;
}

Rows consumers(const Node& node, const VirtualHost* vhost, const Asked& asked) {
    Rows rows;
    for (const auto& [id, session] : node.sessions) {
        if (session.vhost == vhost->name()) session.shown->add_consumers(rows);
    }
    std::erase_if(rows, [&](const json& row) { return !is_wanted(row.at("queue_name").get<std::string>(), asked); });
    return rows;
}

// What waits in queues, in the order in which it leaves them; a stream's by offset.
Rows messages(const Node&, const VirtualHost* vhost, const Asked& asked) {
    Rows rows;
    const auto add = [&](const std::string& queue, json row) {
        row["queue"] = queue;
        rows.push_back(std::move(row));
    };
    for (const auto& [name, queue] : vhost->queues()) {
        if (!is_wanted(name, asked)) continue;
        for (const auto* message : queue->ready.in_order()) add(name, message_row(*message));
        if (!queue->stream) continue;
        for (const auto& entry : queue->stream->entries()) {
            add(name, message_row(*entry.message));
            rows.back()["position"] = entry.offset;
        }
    }
    return rows;
}

Rows unacknowledged(const Node& node, const VirtualHost* vhost, const Asked& asked) {
    Rows rows;
    for (const auto& [id, session] : node.sessions) {
        if (session.vhost == vhost->name()) session.shown->add_unacknowledged(rows, asked.queue);
    }
    return rows;
}

Rows alarms(const Node& node, const VirtualHost*, const Asked&) {
    Rows rows;
    for (const auto alarm : node.alarms) {
        rows.push_back({{"resource", alarm == SetAlarm::Resource::memory ? "memory" : "disk"}});
    }
    return rows;
}

enum class Scope : std::uint8_t { node, vhost, queues };

Rows policies_of(const VirtualHost& vhost, extension::PolicyKind kind) {
    Rows rows;
    for (const auto& [name, policy] : vhost.policies(kind)) {
        rows.push_back(
            {{"vhost", vhost.name()},
             {"name", name},
             {"pattern", policy.pattern.text()},
             {"apply-to", to_string(policy.target)},
             {"definition", policy.definition},
             {"priority", policy.priority}}
        );
    }
    return rows;
}

Rows policies(const Node&, const VirtualHost* vhost, const Asked&) {
    return policies_of(*vhost, extension::PolicyKind::user);
}

Rows operator_policies(const Node&, const VirtualHost* vhost, const Asked&) {
    return policies_of(*vhost, extension::PolicyKind::operators);
}

struct Listing {
    std::string_view name;
    Scope scope;
    Rows (*rows)(const Node&, const VirtualHost*, const Asked&);
};

constexpr std::array listings{
    Listing{"users", Scope::node, users},
    Listing{"vhosts", Scope::node, vhosts},
    Listing{"permissions", Scope::vhost, permissions},
    Listing{"user_permissions", Scope::node, user_permissions},
    Listing{"topic_permissions", Scope::vhost, topic_permissions},
    Listing{"user_limits", Scope::node, user_limits},
    Listing{"vhost_limits", Scope::vhost, vhost_limits},
    Listing{"connections", Scope::node, connections},
    Listing{"policies", Scope::vhost, policies},
    Listing{"operator_policies", Scope::vhost, operator_policies},
    Listing{"queues", Scope::queues, queues},
    Listing{"exchanges", Scope::vhost, exchanges},
    Listing{"bindings", Scope::queues, bindings},
    Listing{"channels", Scope::node, channels},
    Listing{"consumers", Scope::queues, consumers},
    Listing{"messages", Scope::queues, messages},
    Listing{"unacknowledged", Scope::queues, unacknowledged},
    Listing{"alarms", Scope::node, alarms},
    Listing{"node", Scope::node, node_row},
};

std::expected<void, std::string> check(const Listing& listing, const VirtualHost* vhost, const Asked& asked) {
    if (!vhost && listing.scope != Scope::node) {
        return std::unexpected(fmt::format("Virtual host '{}' does not exist", asked.vhost));
    }
    if (asked.queue.empty()) return {};
    if (listing.scope != Scope::queues) {
        return std::unexpected(fmt::format("{} are not of a queue: expected no queue", listing.name));
    }
    if (vhost->queues().contains(asked.queue)) return {};
    return std::unexpected(fmt::format("Queue '{}' in virtual host '{}' not found", asked.queue, asked.vhost));
}

}  // namespace

std::expected<void, std::string> list(Node& node, const operation::List& asked) {
    const auto* vhost = node.find_vhost(asked.vhost);
    std::string names;
    for (const auto& listing : listings) {
        if (listing.name != asked.what) {
            names += fmt::format("{}{}", names.empty() ? "" : ", ", listing.name);
            continue;
        }
        if (auto good = check(listing, vhost, asked); !good) return good;
        for (const auto& row : listing.rows(node, vhost, asked)) {
            auto text = row.dump(-1, ' ', false, json::error_handler_t::replace);
            node.context.event(Event::Kind::listed, asked.what, std::move(text));
        }
        return {};
    }
    return std::unexpected(fmt::format("cannot list \"{}\", expected one of {}", asked.what, names));
}

}  // namespace simbroker::model
