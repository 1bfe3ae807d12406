#include "simbroker/model/operator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "simbroker/model/json_term.hpp"

namespace simbroker::model {
namespace {

using nlohmann::json;
using Done = std::expected<void, std::string>;
using Problem = std::optional<std::string>;

std::unexpected<std::string> no_user(std::string_view name) {
    return std::unexpected(fmt::format("User \"{}\" does not exist", name));
}

std::unexpected<std::string> no_vhost(std::string_view name) {
    return std::unexpected(fmt::format("Virtual host '{}' does not exist", name));
}

std::unexpected<std::string> invalid_regexp(std::string_view why) {
    return std::unexpected(fmt::format("invalid regular expression: {}", why));
}

// One number a key; a negative one is no limit.
struct Limit {
    std::string_view name;
    std::optional<std::size_t>* into;
};

Problem read_limits(const operation::Definition& definition, const std::vector<Limit>& known, std::string_view where) {
    const auto value = json::parse(definition.json, nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) return "JSON decoding error. Reason: badarg";
    if (!value.is_object()) return fmt::format("limits: expected an object, got {}", definition.json);
    auto unknown = json::object();
    for (const auto& [key, limit] : value.items()) {
        const auto found = std::ranges::find(known, key, &Limit::name);
        if (found == known.end()) {
            unknown[key] = limit;
        } else if (!limit.is_number_integer()) {
            return fmt::format("{} should be a number, actually was {}", key, json_term(limit));
        } else {
            const auto number = limit.get<std::int64_t>();
            *found->into = number < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(number));
        }
    }
    if (!unknown.empty()) return fmt::format("Unrecognised terms {} in {}", json_properties(unknown), where);
    return {};
}

class Performer {
public:
    explicit Performer(Node& node) : node_(node) {}

    Done operator()(const operation::AddUser& add) {
        if (node_.users.find(add.user)) return std::unexpected(fmt::format("User \"{}\" already exists", add.user));
        node_.users.add(add.user, add.password);
        return {};
    }

    Done operator()(const operation::DeleteUser& del) {
        if (!node_.users.remove(del.user)) return no_user(del.user);
        expel(
            [&](const Session& session) { return session.user == del.user; },
            fmt::format("user '{}' is deleted", del.user)
        );
        return {};
    }

    Done operator()(const operation::ChangePassword& change) {
        return with(change.user, [&](User& user) { user.password = change.password; });
    }

    Done operator()(const operation::ClearPassword& clear) {
        return with(clear.user, [](User& user) { user.password.reset(); });
    }

    Done operator()(const operation::AuthenticateUser& authenticate) {
        if (node_.users.accept(authenticate.user, authenticate.password)) return {};
        return std::unexpected(fmt::format(
            "Error: failed to authenticate user \"{0}\"\nuser '{0}' - invalid credentials", authenticate.user
        ));
    }

    Done operator()(const operation::SetUserTags& set) {
        return with(set.user, [&](User& user) { user.tags = set.tags; });
    }

    Done operator()(const operation::SetUserLimits& set) {
        UserLimits limits;
        if (const auto* user = node_.users.find(set.user)) limits = user->limits;
        const std::vector<Limit> known{
            {"max-connections", &limits.max_connections}, {"max-channels", &limits.max_channels}
        };
        if (auto problem = read_limits(set.definition, known, "user-limits")) return std::unexpected(*problem);
        return with(set.user, [&](User& user) { user.limits = limits; });
    }

    Done operator()(const operation::ClearUserLimits& clear) {
        const bool all = clear.limit == "all";
        if (!all && clear.limit != "max-connections" && clear.limit != "max-channels") {
            return std::unexpected(fmt::format("expected max-connections, max-channels or all, got \"{}\"", clear.limit)
            );
        }
        return with(clear.user, [&](User& user) {
            if (all || clear.limit == "max-connections") user.limits.max_connections.reset();
            if (all || clear.limit == "max-channels") user.limits.max_channels.reset();
        });
    }

    Done operator()(const operation::SetPermissions& set) {
        auto permissions = Permissions::compile(set.configure, set.write, set.read);
        if (!permissions) return invalid_regexp(permissions.error());
        if (!node_.find_vhost(set.vhost)) return no_vhost(set.vhost);
        return with(set.user, [&](User& user) { user.permissions.insert_or_assign(set.vhost, *permissions); });
    }

    Done operator()(const operation::ClearPermissions& clear) {
        return with(clear.user, [&](User& user) { user.permissions.erase(clear.vhost); });
    }

    Done operator()(const operation::SetTopicPermissions& set) {
        for (const auto& text : {set.write, set.read}) {
            if (const auto pattern = Pattern::compile(text); !pattern) return invalid_regexp(pattern.error());
        }
        if (!node_.find_vhost(set.vhost)) return no_vhost(set.vhost);
        return with(set.user, [&](User& user) {
            user.topic_permissions.insert_or_assign({set.vhost, set.exchange}, TopicPermissions{set.write, set.read});
        });
    }

    Done operator()(const operation::ClearTopicPermissions& clear) {
        return with(clear.user, [&](User& user) {
            std::erase_if(user.topic_permissions, [&](const auto& entry) {
                const auto& [vhost, exchange] = entry.first;
                return vhost == clear.vhost && (clear.exchange.empty() || exchange == clear.exchange);
            });
        });
    }

    // One that is there already is no mistake.
    Done operator()(const operation::AddVhost& add) {
        node_.vhosts.try_emplace(add.vhost, node_.context, add.vhost);
        return {};
    }

    Done operator()(const operation::DeleteVhost& del) {
        if (!node_.find_vhost(del.vhost)) return no_vhost(del.vhost);
        node_.users.forget_vhost(del.vhost);
        expel(
            [&](const Session& session) { return session.vhost == del.vhost; },
            fmt::format("vhost '{}' is deleted", del.vhost)
        );
        node_.abandoned_vhosts.push_back(del.vhost);
        return {};
    }

    Done operator()(const operation::SetVhostLimits& set) {
        auto* vhost = node_.find_vhost(set.vhost);
        if (!vhost) return no_vhost(set.vhost);
        VirtualHostLimits limits;  // the new definition replaces the old one as a whole
        std::vector<Limit> known{{"max-connections", &limits.max_connections}, {"max-queues", &limits.max_queues}};
        if (node_.context.profile().virtual_host_limit == profile::VirtualHostLimit::exchanges_too) {
            known.push_back({"max-exchanges", &limits.max_exchanges});
        }
        if (auto problem = read_limits(set.definition, known, "limits")) {
            return std::unexpected("Validation failed\n\n" + *problem + "\n");
        }
        vhost->limits = limits;
        return {};
    }

    Done operator()(const operation::ClearVhostLimits& clear) {
        auto* vhost = node_.find_vhost(clear.vhost);
        if (!vhost) return no_vhost(clear.vhost);
        vhost->limits = {};
        return {};
    }

    Done operator()(const operation::SetPolicy& set) { return set_policy(set, extension::PolicyKind::user); }
    Done operator()(const operation::ClearPolicy& clear) {
        return clear_policy(clear.vhost, clear.policy, extension::PolicyKind::user);
    }
    Done operator()(const operation::SetOperatorPolicy& set) {
        return set_policy(set, extension::PolicyKind::operators);
    }
    Done operator()(const operation::ClearOperatorPolicy& clear) {
        return clear_policy(clear.vhost, clear.policy, extension::PolicyKind::operators);
    }

    Done operator()(const operation::CloseAllConnections& close) {
        if (!close.vhost.empty() && !node_.find_vhost(close.vhost)) return no_vhost(close.vhost);
        expel(
            [&](const Session& session) { return close.vhost.empty() || session.vhost == close.vhost; }, close.reason
        );
        return {};
    }

    Done operator()(const operation::CloseAllUserConnections& close) {
        expel([&](const Session& session) { return session.user == close.user; }, close.reason);
        return {};
    }

    Done operator()(const operation::PurgeQueue& purge) {
        return with_queue(purge.vhost, purge.queue, [](VirtualHost& vhost, Queue& queue) { vhost.purge(queue); });
    }

    Done operator()(const operation::DeleteQueue& del) {
        return with_queue(del.vhost, del.queue, [](VirtualHost& vhost, Queue& queue) {
            vhost.delete_queue(queue, "deleted");
        });
    }

    Done operator()(const operation::List& what) { return list(node_, what); }

    Done operator()(const operation::TimeOutDeliveries& these) {
        return with_queue(these.vhost, these.queue, [&](VirtualHost&, Queue& queue) {
            node_.overdue.push_back(queue.id());
        });
    }

    Done operator()(const operation::MoveLeader& move) {
        const auto election = milliseconds("election", move.election);
        if (!election) return std::unexpected(election.error());
        auto* vhost = node_.find_vhost(move.vhost);
        const auto* led = vhost ? vhost->find_queue(move.queue) : nullptr;
        if (led && led->attributes().type == QueueType::classic) {
            return std::unexpected(fmt::format("Queue '{}' is classic and has no leader", move.queue));
        }
        return with_queue(move.vhost, move.queue, [&](VirtualHost& of, Queue& queue) {
            of.move_leader(queue, *election);
        });
    }

    Done operator()(const operation::SlowQueue& slow) {
        const auto each = milliseconds("each", slow.each);
        if (!each) return std::unexpected(each.error());
        return with_queue(slow.vhost, slow.queue, [&](VirtualHost& vhost, Queue& queue) {
            vhost.slow_down(queue, *each);
        });
    }

    Done operator()(const operation::SlowDisk& slow) {
        auto& context = node_.context;
        if (slow.delay < 0) {
            context.disk.set_sync_delay(context.config.disk_sync_delay);
            return {};
        }
        const auto delay = milliseconds("delay", slow.delay);
        if (!delay) return std::unexpected(delay.error());
        context.disk.set_sync_delay(*delay);
        return {};
    }

    // The timer of the oldest write does the rest, at once.
    Done operator()(const operation::SyncDisk&) {
        auto& context = node_.context;
        context.disk.sync_all();
        context.timers.set(context.disk_timer, context.now, DiskTimer{});
        return {};
    }

    Done operator()(const operation::JumpClock& jump) {
        auto& context = node_.context;
        constexpr std::int64_t century = 3'155'760'000;
        const std::chrono::seconds by(jump.by);
        if (std::abs(jump.by) > century || context.config.epoch + by < std::chrono::seconds(0)) {
            return std::unexpected(fmt::format("by: expected seconds within a century, got {}", jump.by));
        }
        context.config.epoch += by;
        context.event(Event::Kind::clock_jumped, "", in_seconds(by));
        for (auto& [name, vhost] : node_.vhosts) vhost.jump(by);
        return {};
    }

    Done operator()(const operation::ChangeVersion& change) {
        if (profile::find(change.profile) == nullptr) {
            std::vector<std::string_view> names;
            for (const auto* known : profile::all()) names.push_back(known->name);
            return std::unexpected(
                fmt::format("profile: expected one of {}, got {}", fmt::join(names, ", "), change.profile)
            );
        }
        node_.next_version = change.profile;
        return {};
    }

private:
    static std::expected<Duration, std::string> milliseconds(std::string_view name, std::int64_t count) {
        constexpr std::int64_t century = 3'155'760'000'000;
        if (count >= 0 && count <= century) return std::chrono::milliseconds(count);
        return std::unexpected(fmt::format("{}: expected milliseconds, 0 or more, got {}", name, count));
    }

    template <class Change>
    Done with(const std::string& name, Change&& change) {
        auto* user = node_.users.change(name);
        if (!user) return no_user(name);
        change(*user);
        return {};
    }

    template <class Change>
    Done with_queue(const std::string& vhost_name, const std::string& name, Change&& change) {
        auto* vhost = node_.find_vhost(vhost_name);
        if (!vhost) return no_vhost(vhost_name);
        auto* queue = vhost->find_queue(name);
        if (!queue) return std::unexpected(fmt::format("Queue '{}' in virtual host '{}' not found", name, vhost_name));
        change(*vhost, *queue);
        return {};
    }

    template <class Set>
    Done set_policy(const Set& set, extension::PolicyKind kind) {
        auto* vhost = node_.find_vhost(set.vhost);
        if (!vhost) return no_vhost(set.vhost);
        const extension::PolicyText text{
            .kind = kind,
            .pattern = set.pattern,
            .definition = set.definition.json,
            .target = set.apply_to,
            .priority = set.priority,
        };
        auto policy = extension::read_policy(text, node_.context.profile());
        if (!policy) return std::unexpected(policy.error());
        vhost->set_policy(kind, set.policy, std::move(*policy));
        return {};
    }

    Done clear_policy(const std::string& vhost_name, const std::string& name, extension::PolicyKind kind) {
        auto* vhost = node_.find_vhost(vhost_name);
        if (!vhost) return no_vhost(vhost_name);
        if (!vhost->clear_policy(kind, name)) return std::unexpected("Parameter does not exist");
        return {};
    }

    template <class Which>
    void expel(Which&& which, const std::string& reason) {
        for (const auto& [id, session] : node_.sessions) {
            if (which(session)) node_.expulsions.push_back({id, reason});
        }
    }

    Node& node_;
};

}  // namespace

Done perform(Node& node, const Operation& operation) { return std::visit(Performer(node), operation); }

void operate(Node& node, const Operation& operation) {
    const auto done = perform(node, operation);
    node.context.event(
        done ? Event::Kind::operated : Event::Kind::operation_refused,
        std::string(name_of(operation)),
        done ? to_json(operation) : done.error()
    );
}

Done check_operations(const BrokerConfig& config) {
    Node node(config, 0);
    for (std::size_t i = 0; i < config.operations.size(); ++i) {
        const auto& operation = config.operations[i];
        if (const auto done = perform(node, operation); !done) {
            return std::unexpected(fmt::format("operations[{}]: {}: {}", i, name_of(operation), done.error()));
        }
    }
    return {};
}

}  // namespace simbroker::model
