// Direct reply-to: a client consumes from a queue that is none, and who answers publishes to an address that leads
// straight to the client's channel.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "simbroker/core/prng.hpp"
#include "simbroker/model/message.hpp"

namespace simbroker::extension {

inline constexpr std::string_view reply_to_queue = "amq.rabbitmq.reply-to";

// "amq.rabbitmq.reply-to.<token>", alive or not.
bool is_reply_address(std::string_view name);

// "amq.rabbitmq.reply-to.<where>.<who>": where the channel is, and a key only its client knows.
bool is_well_formed_reply_address(std::string_view name);

// Who takes replies. It takes its address back before it goes.
class ReplyReceiver {
public:
    virtual ~ReplyReceiver() = default;
    virtual void receive_reply(const model::Message& reply) = 0;
};

class ReplyAddresses {
public:
    std::string give(ReplyReceiver& receiver, Prng& names);
    void take_back(const std::string& address) { receivers_.erase(address); }

    ReplyReceiver* find(std::string_view address) const;

private:
    std::map<std::string, ReplyReceiver*, std::less<>> receivers_;
};

}  // namespace simbroker::extension
