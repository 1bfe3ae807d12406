// The operator's hands: what each operation does to a node.
//
// Connections that must go are put on the node's list of expulsions; who owns them carries it out.
#pragma once

#include <expected>
#include <string>

#include "simbroker/core/operation.hpp"
#include "simbroker/model/node.hpp"

namespace simbroker::model {

// Or why not, in the words of rabbitmqctl.
std::expected<void, std::string> perform(Node& node, const Operation& operation);

// As perform, and tells it in events.
void operate(Node& node, const Operation& operation);

// Whether the operations of a configuration can be performed one after the other: the first that cannot, and why.
std::expected<void, std::string> check_operations(const BrokerConfig& config);

// The rows of an answer to operation::List, each an event `listed`.
std::expected<void, std::string> list(Node& node, const operation::List& list);

}  // namespace simbroker::model
