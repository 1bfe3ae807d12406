// Asks queues how they are, on a channel of its own that the transcript is silent about. A queue is a process of its
// own in a broker: when it has answered, what it had been told before is done, or will be at once.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "conformance/dialogue/client.hpp"

namespace conformance::dialogue {

class Watch {
public:
    // A queue of this name may be there from now on.
    void declared(const std::string& queue) {
        if (!queue.empty() && codec::amqp091::ShortString::fits(queue)) asked_on_.try_emplace(queue, 0);
    }

    // Asks for each queue on one of the connections in good order, the numbers of which these are.
    void ask(Client& client, const std::vector<unsigned>& lines);
    // Whether the item was for us.
    bool take(Client& client, unsigned line, const peer::Item& item);
    bool waiting(unsigned line) const;
    void forget(unsigned line);  // it has ended

private:
    struct Place {
        bool open = false;
        std::deque<std::string> waiting;
    };

    void ask(Client& client, unsigned line, const std::deque<std::string>& queues);
    void refused(Client& client, unsigned line, std::uint16_t reply_code);

    std::map<unsigned, Place> places_;
    std::map<std::string, unsigned>
        asked_on_;  // 0: on the first; an exclusive queue answers on its own connection only
};

}  // namespace conformance::dialogue
