#include "simbroker/model/node.hpp"

namespace simbroker::model {

// An account may do everything in its virtual hosts.
Node::Node(BrokerConfig config, Seed seed) : context(std::move(config), seed) {
    for (const auto& name : context.config.vhosts) vhosts.try_emplace(name, context, name);
    const auto everything = *Permissions::compile(".*", ".*", ".*");
    for (const auto& account : context.config.accounts) {
        auto& user = users.add(account.name, account.password);
        for (const auto& vhost : account.vhosts) user.permissions.insert_or_assign(vhost, everything);
    }
}

}  // namespace simbroker::model
