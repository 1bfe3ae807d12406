// A broker's state beyond its connections: the shared context, the virtual hosts and the alarms.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "simbroker/core/input.hpp"
#include "simbroker/extension/direct_reply_to.hpp"
#include "simbroker/model/inspection.hpp"
#include "simbroker/model/users.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

// Frames for a connection that have to wait until the method at hand is answered.
struct Notice {
    ConnectionId connection;
    codec::wire::Bytes frames;
};

// An open connection, as an operator sees it.
struct Session {
    std::string user;
    std::string vhost;
    std::string peer;
    std::size_t channels = 0;
    const Inspectable* shown = nullptr;  // it lives as long as the session
};

// A connection that an operator's doing ends: connection.close 320 with this reason.
struct Expulsion {
    ConnectionId connection;
    std::string reason;
};

struct Node {
    Context context;
    Users users;
    std::map<std::string, VirtualHost, std::less<>> vhosts;
    std::set<SetAlarm::Resource> alarms;
    std::deque<Notice> notices;
    extension::ReplyAddresses reply_addresses;
    std::map<ConnectionId, Session> sessions;
    std::vector<Expulsion> expulsions;            // to be carried out when the operation at hand is done
    std::vector<std::string> abandoned_vhosts{};  // to be deleted after that
    std::vector<QueueId> overdue{};               // whose deliveries time out now
    std::optional<std::string> next_version{};    // the profile from the next start on

    Node(BrokerConfig config, Seed seed);

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
