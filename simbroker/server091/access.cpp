// What the user of a connection may do: virtual hosts, permissions, topic permissions and limits, each refused in
// RabbitMQ's words. Permission is asked before existence, so that a refusal tells nothing about what is there.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using model::Permission;

namespace {

// The default exchange has no name of its own to match.
std::string_view name_to_match(Resource resource) {
    return resource.kind == Resource::Kind::exchange && resource.name.empty() ? "amq.default" : resource.name;
}

std::string_view kind_of(Resource resource) { return resource.kind == Resource::Kind::exchange ? "exchange" : "queue"; }

}  // namespace

std::expected<void, Violation> Connection::admit_to(const model::VirtualHost& vhost) const {
    const auto count = [this](auto&& counts) {
        return static_cast<std::size_t>(std::ranges::count_if(node_.sessions, [&](const auto& entry) {
            return counts(entry.second);
        }));
    };
    const auto& of_vhost = vhost.limits.max_connections;
    if (of_vhost && count([&](const auto& session) { return session.vhost == vhost.name(); }) >= *of_vhost) {
        return refuse(
            ViolationName::vhost_connection_limit_reached,
            fmt::format(
                "access to vhost '{}' refused for user '{}': connection limit ({}) is reached",
                vhost.name(),
                user_,
                *of_vhost
            )
        );
    }
    const auto* user = node_.users.find(user_);
    const auto of_user = user ? user->limits.max_connections : std::nullopt;
    if (of_user && count([&](const auto& session) { return session.user == user_; }) >= *of_user) {
        return refuse(
            ViolationName::user_connection_limit_reached,
            fmt::format("connection refused for user '{}': user connection limit ({}) is reached", user_, *of_user)
        );
    }
    if (user && user->permissions.contains(vhost.name())) return {};
    return refuse(
        ViolationName::vhost_access_refused,
        fmt::format("access to vhost '{}' refused for user '{}'", vhost.name(), user_)
    );
}

// The channels of a user on all connections.
std::expected<void, Violation> Connection::check_channel_limit() const {
    const auto* user = node_.users.find(user_);
    if (!user || !user->limits.max_channels) return {};
    const auto limit = *user->limits.max_channels;
    std::size_t channels = 0;
    for (const auto& [id, session] : node_.sessions) {
        if (session.user == user_) channels += session.channels;
    }
    if (channels < limit) return {};
    using enum profile::UserLimitText;
    const auto text = node_.context.profile().user_limit_text;
    return std::unexpected(Violation{
        ViolationName::user_channel_limit_reached,
        fmt::format(
            "number of channels opened for user '{}' has reached the maximum allowed user limit of {}",
            text == parenthesised_of_node ? node_.context.config.cluster_name : user_,
            text == bare ? fmt::format("{}", limit) : fmt::format("({})", limit)
        ),
        no_method,
    });
}

// Asked for every message: the user is looked up anew only after an operator changed something.
bool Connection::allowed(Permission permission, std::string_view name) {
    if (access_revision_ != node_.users.revision()) {
        access_revision_ = node_.users.revision();
        const auto* user = node_.users.find(user_);
        access_ = user ? *user : model::User{};
        const auto found = access_.permissions.find(vhost_->name());
        allowance_ = found == access_.permissions.end() ? nullptr : &found->second;
    }
    return allowance_ && allowance_->to(permission).found_in(name);
}

std::expected<void, Violation> Connection::access_refused(
    std::string_view what, std::string_view access, std::string_view name
) const {
    const bool plain = node_.context.profile().access_text == profile::AccessText::plain;
    return refuse(
        ViolationName::permission_refused,
        fmt::format(
            "{}access to {} '{}' in vhost '{}' refused for user '{}'",
            plain ? "" : fmt::format("{} ", access),
            what,
            name,
            vhost_->name(),
            user_
        )
    );
}

std::expected<void, Violation> Connection::check(
    Permission permission, Resource resource, RememberedPermissions& past
) {
    const auto name = name_to_match(resource);
    const RememberedPermissions::Allowed asked{permission, kind_of(resource), name};
    if (past.has(asked)) return {};
    if (!allowed(permission, name)) return access_refused(kind_of(resource), to_string(permission), name);
    past.keep(asked);
    return {};
}

// For passive declarations, where the profile has a rule for them at all.
std::expected<void, Violation> Connection::check_any(Resource resource) {
    if (node_.context.profile().passive_declare_access == profile::PassiveDeclareAccess::unchecked) return {};
    const auto name = name_to_match(resource);
    for (const auto permission : {Permission::configure, Permission::write, Permission::read}) {
        if (allowed(permission, name)) return {};
    }
    return access_refused(kind_of(resource), to_string(Permission::configure), name);
}

std::expected<void, Violation> Connection::check_topic(
    Permission permission, const model::Exchange& exchange, std::string_view key, RememberedPermissions& past
) {
    if (exchange.attributes().type != model::ExchangeType::topic) return {};
    const RememberedPermissions::Allowed asked{permission, "topic", exchange.name(), key};
    if (past.has(asked)) return {};
    const auto found = access_.topic_permissions.find({vhost_->name(), exchange.name()});
    const bool free = found == access_.topic_permissions.end();
    if (free || found->second.allow(permission, user_, vhost_->name(), key)) {
        past.keep(asked);
        return {};
    }
    return access_refused(fmt::format("topic '{}' in exchange", key), to_string(permission), exchange.name());
}

bool Connection::may_impersonate() const {
    const auto* user = node_.users.find(user_);
    return user && user->has_tag("impersonator");
}

}  // namespace simbroker::server091
