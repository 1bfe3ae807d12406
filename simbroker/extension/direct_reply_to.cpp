#include "simbroker/extension/direct_reply_to.hpp"

#include "simbroker/model/context.hpp"

namespace simbroker::extension {

bool is_reply_address(std::string_view name) {
    return name.starts_with(reply_to_queue) && name.substr(reply_to_queue.size()).starts_with('.');
}

bool is_well_formed_reply_address(std::string_view name) {
    return is_reply_address(name) && name.substr(reply_to_queue.size() + 1).contains('.');
}

std::string ReplyAddresses::give(ReplyReceiver& receiver, Prng& names) {
    const auto where = model::generated_name(std::string(reply_to_queue) + ".", names);
    auto address = model::generated_name(where + ".", names);
    receivers_.emplace(address, &receiver);
    return address;
}

ReplyReceiver* ReplyAddresses::find(std::string_view address) const {
    const auto found = receivers_.find(address);
    return found == receivers_.end() ? nullptr : found->second;
}

}  // namespace simbroker::extension
