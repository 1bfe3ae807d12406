// What an operator can look at, one JSON object a row, in the order of names. Columns have rabbitmqctl's names.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/model/operator.hpp"

namespace simbroker::model {
namespace {

using nlohmann::json;
using Rows = std::vector<json>;

Rows users(const Node& node, const VirtualHost*) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) rows.push_back({{"user", name}, {"tags", user.tags}});
    return rows;
}

Rows vhosts(const Node& node, const VirtualHost*) {
    Rows rows;
    for (const auto& [name, vhost] : node.vhosts) rows.push_back({{"name", name}});
    return rows;
}

Rows user_permissions(const Node& node, const VirtualHost*) {
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

Rows permissions(const Node& node, const VirtualHost* vhost) {
    auto rows = user_permissions(node, vhost);
    std::erase_if(rows, [&](const json& row) { return row.at("vhost") != vhost->name(); });
    return rows;
}

Rows topic_permissions(const Node& node, const VirtualHost* vhost) {
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

Rows user_limits(const Node& node, const VirtualHost*) {
    Rows rows;
    for (const auto& [name, user] : node.users.all()) {
        auto limits = json::object();
        add_limit(limits, "max-connections", user.limits.max_connections);
        add_limit(limits, "max-channels", user.limits.max_channels);
        if (!limits.empty()) rows.push_back({{"user", name}, {"limits", std::move(limits)}});
    }
    return rows;
}

Rows vhost_limits(const Node&, const VirtualHost* vhost) {
    auto limits = json::object();
    add_limit(limits, "max-connections", vhost->limits.max_connections);
    add_limit(limits, "max-queues", vhost->limits.max_queues);
    add_limit(limits, "max-exchanges", vhost->limits.max_exchanges);
    if (limits.empty()) return {};
    return {{{"vhost", vhost->name()}, {"limits", std::move(limits)}}};
}

// Of all virtual hosts. The pid has the shape of Erlang's and holds the connection's number.
Rows connections(const Node& node, const VirtualHost*) {
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
             {"channels", session.channels},
             {"state", "running"}}
        );
    }
    return rows;
}

Rows queues(const Node&, const VirtualHost* vhost) {
    Rows rows;
    for (const auto& [name, queue] : vhost->queues()) {
        const auto ready = queue->ready.count();
        rows.push_back(
            {{"name", name},
             {"messages", ready + queue->unacknowledged},
             {"messages_ready", ready},
             {"messages_unacknowledged", queue->unacknowledged},
             {"consumers", queue->subscribers.count()},
             {"policy", queue->policy},
             {"operator_policy", queue->operator_policy},
             {"durable", queue->attributes().durable},
             {"auto_delete", queue->attributes().auto_delete},
             {"exclusive", queue->attributes().exclusive_owner.has_value()}}
        );
    }
    return rows;
}

Rows exchanges(const Node&, const VirtualHost* vhost) {
    Rows rows;
    for (const auto& [name, exchange] : vhost->exchanges()) {
        const auto& attributes = exchange.attributes();
        rows.push_back(
            {{"name", name},
             {"type", extension::to_string(attributes.type)},
             {"policy", exchange.policy},
             {"durable", attributes.durable},
             {"auto_delete", attributes.auto_delete},
             {"internal", attributes.internal}}
        );
    }
    return rows;
}

enum class Scope : std::uint8_t { node, vhost };

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

Rows policies(const Node&, const VirtualHost* vhost) { return policies_of(*vhost, extension::PolicyKind::user); }

Rows operator_policies(const Node&, const VirtualHost* vhost) {
    return policies_of(*vhost, extension::PolicyKind::operators);
}

struct Listing {
    std::string_view name;
    Scope scope;
    Rows (*rows)(const Node&, const VirtualHost*);
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
    Listing{"queues", Scope::vhost, queues},
    Listing{"exchanges", Scope::vhost, exchanges},
};

}  // namespace

std::expected<void, std::string> list(Node& node, const operation::List& asked) {
    const auto* vhost = node.find_vhost(asked.vhost);
    std::string names;
    for (const auto& listing : listings) {
        if (listing.name != asked.what) {
            names += fmt::format("{}{}", names.empty() ? "" : ", ", listing.name);
            continue;
        }
        if (!vhost && listing.scope == Scope::vhost) {
            return std::unexpected(fmt::format("Virtual host '{}' does not exist", asked.vhost));
        }
        for (const auto& row : listing.rows(node, vhost)) {
            auto text = row.dump(-1, ' ', false, json::error_handler_t::replace);
            node.context.event(Event::Kind::listed, asked.what, std::move(text));
        }
        return {};
    }
    return std::unexpected(fmt::format("cannot list \"{}\", expected one of {}", asked.what, names));
}

}  // namespace simbroker::model
