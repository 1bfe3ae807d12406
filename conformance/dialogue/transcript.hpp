// The canonical text of what a broker said. Two brokers that answer alike give the same text, whatever names they make
// up, whenever they were started and however long they took below the second.
//
//   1.1 queue.declare-ok(queue="q", ...)        connection 1, channel 1
//   1.1 basic.get-ok(...) {priority=3} "body"   with its content; long bodies as size and hash; "in frames of ..."
//   1.1 confirmed 1-3, refused 4                basic.ack and basic.nack one after the other, each number for itself
//   1 ended (~3 s)                              the end of the transport, so long after the client's last octet
//   1 heartbeat                                 one or more of them
//   1 protocol header 0 0 9 1, 1 broken: ...
//
// Normalised: $gen1, $ctag1, $reply_to1 for names the broker made up; T* for times of the calendar; <pid>; the name of
// the cluster; $vhost; the order of the SASL mechanisms; unknown and invalid exchange types (RabbitMQ says invalid for
// names that happen to be atoms of its node); a virtual host that is down and one that is deleted (a race in RabbitMQ).
// Left out: the server property `simbroker`, by which ours says who it is.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "conformance/peer/item.hpp"
#include "conformance/step/variables.hpp"

namespace conformance::dialogue {

// Names the broker made up, numbered in the order they were seen; variables for the acts that follow.
class MadeUpNames {
public:
    // The text with the names replaced; new ones become variables.
    std::string replace(std::string text, step::Variables& variables);

private:
    std::map<std::string, std::string, std::less<>> known_;
    std::map<std::string, int, std::less<>> count_;
};

std::string normalised(std::string text, const std::string& vhost);

// Which publishes a channel has confirmed, to say of `multiple` what it means.
class Confirms {
public:
    struct News {
        std::set<std::uint64_t> confirmed;
        std::set<std::uint64_t> refused;

        bool empty() const { return confirmed.empty() && refused.empty(); }
        std::size_t size() const { return confirmed.size() + refused.size(); }
    };

    static bool is_confirm(const peer::Item&);
    void add(const peer::Item&, News& news);

private:
    std::set<std::uint64_t> done_;
    std::uint64_t all_up_to_ = 0;
};

// "confirmed 1-3, refused 4"
std::string to_string(const Confirms::News&);

// An item but for its connection, its normalised names and confirms.
std::string text_of(const peer::Item&);
std::string body_text(const peer::Content&);

}  // namespace conformance::dialogue
