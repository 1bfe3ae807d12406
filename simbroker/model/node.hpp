// A broker's state beyond its connections: the shared context, the virtual hosts and the alarms.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "simbroker/core/input.hpp"
#include "simbroker/extension/direct_reply_to.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

// Frames for a connection that have to wait until the method at hand is answered.
struct Notice {
    ConnectionId connection;
    codec::wire::Bytes frames;
};

struct Node {
    Context context;
    std::map<std::string, VirtualHost, std::less<>> vhosts;
    std::set<SetAlarm::Resource> alarms;
    std::deque<Notice> notices;
    extension::ReplyAddresses reply_addresses;

    Node(BrokerConfig config, Seed seed) : context(std::move(config), seed) {
        for (const auto& name : context.config.vhosts) vhosts.try_emplace(name, context, name);
    }

    VirtualHost* find_vhost(std::string_view name) {
        const auto found = vhosts.find(name);
        return found == vhosts.end() ? nullptr : &found->second;
    }

    // Does what a method left to be done after its reply.
    void settle(VirtualHost& vhost) {
        vhost.settle();
        while (!notices.empty()) {
            auto& out = context.outbox.to(notices.front().connection);
            out.insert(out.end(), notices.front().frames.begin(), notices.front().frames.end());
            notices.pop_front();
        }
    }

    void settle_all() {
        for (auto& [name, vhost] : vhosts) settle(vhost);
    }
};

}  // namespace simbroker::model
