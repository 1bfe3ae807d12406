#include "simbroker/server091/protocol_version.hpp"

#include <algorithm>
#include <array>

namespace simbroker::server091 {
namespace {

using codec::amqp091::MethodId;
namespace methods = codec::amqp091;

constexpr std::array rabbitmqs_own{
    methods::connection::Blocked::id,
    methods::connection::Unblocked::id,
    methods::connection::UpdateSecret::id,
    methods::connection::UpdateSecretOk::id,
    methods::exchange::Bind::id,
    methods::exchange::BindOk::id,
    methods::exchange::Unbind::id,
    methods::exchange::UnbindOk::id,
    methods::basic::Nack::id,
    methods::basic::Credit::id,
    methods::basic::CreditOk::id,
    methods::basic::CreditDrained::id,
    methods::confirm::Select::id,
    methods::confirm::SelectOk::id,
};

constexpr std::array not_in_0_9_1{methods::access::Request::id, methods::access::RequestOk::id};
constexpr std::array not_in_0_9{methods::basic::Recover::id, methods::basic::RecoverOk::id};

bool lists(const auto& ids, MethodId id) { return std::ranges::find(ids, id) != ids.end(); }

}  // namespace

bool has_method(ProtocolVersion version, MethodId id) {
    if (lists(rabbitmqs_own, id)) return false;
    return version == ProtocolVersion::v0_9_1 ? !lists(not_in_0_9_1, id) : !lists(not_in_0_9, id);
}

}  // namespace simbroker::server091
