// What an operator does to a running broker: users, permissions, virtual hosts, limits, policies, and looks at all
// that.
//
// One struct an operation, with a row that names its fields in the order in which rabbitmqctl takes them. From the row
// come JSON (traces, scenarios, configuration, Python) and the command line of `simbroker ctl`. model/operator.cpp says
// what each does; an operation without an effect does not compile.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace simbroker::operation {

// A JSON object as an operator types it: of a policy or of limits. It is judged when the operation is performed.
struct Definition {
    std::string json;
    friend bool operator==(const Definition&, const Definition&) = default;
};

enum class Place : std::uint8_t {
    argument,        // by its position
    last_arguments,  // by its position, and all that follow, if any
    may_be_left_out,
    option,  // after a flag
};

template <class Owner, class Value>
struct Field {
    std::string_view name;
    Value Owner::* member;
    Place place = Place::argument;
    std::string_view flag = {};
};

template <class Owner, class Value>
constexpr Field<Owner, Value> argument(std::string_view name, Value Owner::* member, Place place = Place::argument) {
    return {name, member, place};
}

template <class Owner, class Value>
constexpr Field<Owner, Value> option(std::string_view name, Value Owner::* member, std::string_view flag) {
    return {name, member, Place::option, flag};
}

template <class Owner>
constexpr Field<Owner, std::string> in_vhost(std::string Owner::* member) {
    return option("vhost", member, "-p");
}

// ---- users

struct AddUser {
    std::string user, password{};
    static constexpr std::string_view name = "add_user";
    static constexpr auto fields =
        std::tuple(argument("user", &AddUser::user), argument("password", &AddUser::password));
    friend bool operator==(const AddUser&, const AddUser&) = default;
};

struct DeleteUser {
    std::string user;
    static constexpr std::string_view name = "delete_user";
    static constexpr auto fields = std::tuple(argument("user", &DeleteUser::user));
    friend bool operator==(const DeleteUser&, const DeleteUser&) = default;
};

struct ChangePassword {
    std::string user, password{};
    static constexpr std::string_view name = "change_password";
    static constexpr auto fields =
        std::tuple(argument("user", &ChangePassword::user), argument("password", &ChangePassword::password));
    friend bool operator==(const ChangePassword&, const ChangePassword&) = default;
};

// Nobody can log in with a password any more.
struct ClearPassword {
    std::string user;
    static constexpr std::string_view name = "clear_password";
    static constexpr auto fields = std::tuple(argument("user", &ClearPassword::user));
    friend bool operator==(const ClearPassword&, const ClearPassword&) = default;
};

struct AuthenticateUser {
    std::string user, password{};
    static constexpr std::string_view name = "authenticate_user";
    static constexpr auto fields =
        std::tuple(argument("user", &AuthenticateUser::user), argument("password", &AuthenticateUser::password));
    friend bool operator==(const AuthenticateUser&, const AuthenticateUser&) = default;
};

struct SetUserTags {
    std::string user;
    std::vector<std::string> tags{};
    static constexpr std::string_view name = "set_user_tags";
    static constexpr auto fields =
        std::tuple(argument("user", &SetUserTags::user), argument("tags", &SetUserTags::tags, Place::last_arguments));
    friend bool operator==(const SetUserTags&, const SetUserTags&) = default;
};

struct SetUserLimits {
    std::string user;
    Definition definition{};
    static constexpr std::string_view name = "set_user_limits";
    static constexpr auto fields =
        std::tuple(argument("user", &SetUserLimits::user), argument("definition", &SetUserLimits::definition));
    friend bool operator==(const SetUserLimits&, const SetUserLimits&) = default;
};

struct ClearUserLimits {
    std::string user, limit{};  // max-connections, max-channels or all
    static constexpr std::string_view name = "clear_user_limits";
    static constexpr auto fields =
        std::tuple(argument("user", &ClearUserLimits::user), argument("limit", &ClearUserLimits::limit));
    friend bool operator==(const ClearUserLimits&, const ClearUserLimits&) = default;
};

// ---- permissions: regular expressions

struct SetPermissions {
    std::string vhost = "/", user{}, configure{}, write{}, read{};
    static constexpr std::string_view name = "set_permissions";
    static constexpr auto fields = std::tuple(
        in_vhost(&SetPermissions::vhost),
        argument("user", &SetPermissions::user),
        argument("configure", &SetPermissions::configure),
        argument("write", &SetPermissions::write),
        argument("read", &SetPermissions::read)
    );
    friend bool operator==(const SetPermissions&, const SetPermissions&) = default;
};

struct ClearPermissions {
    std::string vhost = "/", user{};
    static constexpr std::string_view name = "clear_permissions";
    static constexpr auto fields =
        std::tuple(in_vhost(&ClearPermissions::vhost), argument("user", &ClearPermissions::user));
    friend bool operator==(const ClearPermissions&, const ClearPermissions&) = default;
};

struct SetTopicPermissions {
    std::string vhost = "/", user{}, exchange{}, write{}, read{};
    static constexpr std::string_view name = "set_topic_permissions";
    static constexpr auto fields = std::tuple(
        in_vhost(&SetTopicPermissions::vhost),
        argument("user", &SetTopicPermissions::user),
        argument("exchange", &SetTopicPermissions::exchange),
        argument("write", &SetTopicPermissions::write),
        argument("read", &SetTopicPermissions::read)
    );
    friend bool operator==(const SetTopicPermissions&, const SetTopicPermissions&) = default;
};

struct ClearTopicPermissions {
    std::string vhost = "/", user{}, exchange{};  // no exchange: all
    static constexpr std::string_view name = "clear_topic_permissions";
    static constexpr auto fields = std::tuple(
        in_vhost(&ClearTopicPermissions::vhost),
        argument("user", &ClearTopicPermissions::user),
        argument("exchange", &ClearTopicPermissions::exchange, Place::may_be_left_out)
    );
    friend bool operator==(const ClearTopicPermissions&, const ClearTopicPermissions&) = default;
};

// ---- virtual hosts

struct AddVhost {
    std::string vhost;
    static constexpr std::string_view name = "add_vhost";
    static constexpr auto fields = std::tuple(argument("vhost", &AddVhost::vhost));
    friend bool operator==(const AddVhost&, const AddVhost&) = default;
};

struct DeleteVhost {
    std::string vhost;
    static constexpr std::string_view name = "delete_vhost";
    static constexpr auto fields = std::tuple(argument("vhost", &DeleteVhost::vhost));
    friend bool operator==(const DeleteVhost&, const DeleteVhost&) = default;
};

struct SetVhostLimits {
    std::string vhost = "/";
    Definition definition{};
    static constexpr std::string_view name = "set_vhost_limits";
    static constexpr auto fields =
        std::tuple(in_vhost(&SetVhostLimits::vhost), argument("definition", &SetVhostLimits::definition));
    friend bool operator==(const SetVhostLimits&, const SetVhostLimits&) = default;
};

struct ClearVhostLimits {
    std::string vhost = "/";
    static constexpr std::string_view name = "clear_vhost_limits";
    static constexpr auto fields = std::tuple(in_vhost(&ClearVhostLimits::vhost));
    friend bool operator==(const ClearVhostLimits&, const ClearVhostLimits&) = default;
};

// ---- policies

struct SetPolicy {
    std::string vhost = "/", policy{}, pattern{};
    Definition definition{};
    std::int64_t priority = 0;
    std::string apply_to = "all";
    static constexpr std::string_view name = "set_policy";
    static constexpr auto fields = std::tuple(
        in_vhost(&SetPolicy::vhost),
        argument("name", &SetPolicy::policy),
        argument("pattern", &SetPolicy::pattern),
        argument("definition", &SetPolicy::definition),
        option("priority", &SetPolicy::priority, "--priority"),
        option("apply_to", &SetPolicy::apply_to, "--apply-to")
    );
    friend bool operator==(const SetPolicy&, const SetPolicy&) = default;
};

struct ClearPolicy {
    std::string vhost = "/", policy{};
    static constexpr std::string_view name = "clear_policy";
    static constexpr auto fields = std::tuple(in_vhost(&ClearPolicy::vhost), argument("name", &ClearPolicy::policy));
    friend bool operator==(const ClearPolicy&, const ClearPolicy&) = default;
};

struct SetOperatorPolicy {
    std::string vhost = "/", policy{}, pattern{};
    Definition definition{};
    std::int64_t priority = 0;
    std::string apply_to = "all";
    static constexpr std::string_view name = "set_operator_policy";
    static constexpr auto fields = std::tuple(
        in_vhost(&SetOperatorPolicy::vhost),
        argument("name", &SetOperatorPolicy::policy),
        argument("pattern", &SetOperatorPolicy::pattern),
        argument("definition", &SetOperatorPolicy::definition),
        option("priority", &SetOperatorPolicy::priority, "--priority"),
        option("apply_to", &SetOperatorPolicy::apply_to, "--apply-to")
    );
    friend bool operator==(const SetOperatorPolicy&, const SetOperatorPolicy&) = default;
};

struct ClearOperatorPolicy {
    std::string vhost = "/", policy{};
    static constexpr std::string_view name = "clear_operator_policy";
    static constexpr auto fields =
        std::tuple(in_vhost(&ClearOperatorPolicy::vhost), argument("name", &ClearOperatorPolicy::policy));
    friend bool operator==(const ClearOperatorPolicy&, const ClearOperatorPolicy&) = default;
};

// ---- connections and queues

struct CloseAllConnections {
    std::string vhost{}, reason{};  // no vhost: in all
    static constexpr std::string_view name = "close_all_connections";
    static constexpr auto fields =
        std::tuple(in_vhost(&CloseAllConnections::vhost), argument("reason", &CloseAllConnections::reason));
    friend bool operator==(const CloseAllConnections&, const CloseAllConnections&) = default;
};

struct CloseAllUserConnections {
    std::string user, reason{};
    static constexpr std::string_view name = "close_all_user_connections";
    static constexpr auto fields = std::tuple(
        argument("user", &CloseAllUserConnections::user), argument("reason", &CloseAllUserConnections::reason)
    );
    friend bool operator==(const CloseAllUserConnections&, const CloseAllUserConnections&) = default;
};

struct PurgeQueue {
    std::string vhost = "/", queue{};
    static constexpr std::string_view name = "purge_queue";
    static constexpr auto fields = std::tuple(in_vhost(&PurgeQueue::vhost), argument("queue", &PurgeQueue::queue));
    friend bool operator==(const PurgeQueue&, const PurgeQueue&) = default;
};

struct DeleteQueue {
    std::string vhost = "/", queue{};
    static constexpr std::string_view name = "delete_queue";
    static constexpr auto fields = std::tuple(in_vhost(&DeleteQueue::vhost), argument("queue", &DeleteQueue::queue));
    friend bool operator==(const DeleteQueue&, const DeleteQueue&) = default;
};

// Deliveries of this queue time out now, however long they may take.
struct TimeOutDeliveries {
    std::string vhost = "/", queue{};
    static constexpr std::string_view name = "time_out_deliveries";
    static constexpr auto fields =
        std::tuple(in_vhost(&TimeOutDeliveries::vhost), argument("queue", &TimeOutDeliveries::queue));
    friend bool operator==(const TimeOutDeliveries&, const TimeOutDeliveries&) = default;
};

// A quorum queue or a stream: nobody leads it for so many milliseconds.
struct MoveLeader {
    std::string vhost = "/", queue{};
    std::int64_t election = 1000;
    static constexpr std::string_view name = "move_leader";
    static constexpr auto fields = std::tuple(
        in_vhost(&MoveLeader::vhost),
        argument("queue", &MoveLeader::queue),
        option("election", &MoveLeader::election, "--election")
    );
    friend bool operator==(const MoveLeader&, const MoveLeader&) = default;
};

// Every message that comes or goes keeps the queue busy for so many milliseconds; 0: no more.
struct SlowQueue {
    std::string vhost = "/", queue{};
    std::int64_t each = 0;
    static constexpr std::string_view name = "slow_queue";
    static constexpr auto fields = std::tuple(
        in_vhost(&SlowQueue::vhost), argument("queue", &SlowQueue::queue), argument("each", &SlowQueue::each)
    );
    friend bool operator==(const SlowQueue&, const SlowQueue&) = default;
};

// ---- the machine it runs on

// A write takes so many milliseconds to reach the disk; negative: as it was configured.
struct SlowDisk {
    std::int64_t delay = -1;
    static constexpr std::string_view name = "slow_disk";
    static constexpr auto fields = std::tuple(argument("delay", &SlowDisk::delay));
    friend bool operator==(const SlowDisk&, const SlowDisk&) = default;
};

// What was written is on the disk now.
struct SyncDisk {
    static constexpr std::string_view name = "sync_disk";
    static constexpr auto fields = std::tuple();
    friend bool operator==(const SyncDisk&, const SyncDisk&) = default;
};

// The calendar goes so many seconds forward, or back. Timers do not; what expires by the calendar does.
struct JumpClock {
    std::int64_t by = 0;
    static constexpr std::string_view name = "jump_clock";
    static constexpr auto fields = std::tuple(argument("by", &JumpClock::by));
    friend bool operator==(const JumpClock&, const JumpClock&) = default;
};

// The broker that starts next is this one.
struct ChangeVersion {
    std::string profile;
    static constexpr std::string_view name = "change_version";
    static constexpr auto fields = std::tuple(argument("profile", &ChangeVersion::profile));
    friend bool operator==(const ChangeVersion&, const ChangeVersion&) = default;
};

// ---- looking: the answer is one event `listed` for each row, whose detail is a JSON object

struct List {
    std::string what, vhost = "/";  // what: users, vhosts, connections, queues, messages ...
    std::string queue{};            // what is of a queue, of this one only
    static constexpr std::string_view name = "list";
    static constexpr auto fields =
        std::tuple(argument("what", &List::what), in_vhost(&List::vhost), option("queue", &List::queue, "--queue"));
    friend bool operator==(const List&, const List&) = default;
};

}  // namespace simbroker::operation

namespace simbroker {

using Operation = std::variant<
    operation::AddUser,
    operation::DeleteUser,
    operation::ChangePassword,
    operation::ClearPassword,
    operation::AuthenticateUser,
    operation::SetUserTags,
    operation::SetUserLimits,
    operation::ClearUserLimits,
    operation::SetPermissions,
    operation::ClearPermissions,
    operation::SetTopicPermissions,
    operation::ClearTopicPermissions,
    operation::AddVhost,
    operation::DeleteVhost,
    operation::SetVhostLimits,
    operation::ClearVhostLimits,
    operation::SetPolicy,
    operation::ClearPolicy,
    operation::SetOperatorPolicy,
    operation::ClearOperatorPolicy,
    operation::CloseAllConnections,
    operation::CloseAllUserConnections,
    operation::PurgeQueue,
    operation::DeleteQueue,
    operation::List,
    operation::TimeOutDeliveries,
    operation::MoveLeader,
    operation::SlowQueue,
    operation::SlowDisk,
    operation::SyncDisk,
    operation::JumpClock,
    operation::ChangeVersion>;

namespace operation {
std::string_view name_of(const Operation&);
}
std::vector<std::string_view> operation_names();

// {"add_user":{"user":"anna","password":"secret"}}. What is left out has the value of the struct; what stands there
// must be a field. A definition may be an object or the text of one.
std::string to_json(const Operation&);
std::expected<Operation, std::string> operation_from_json(std::string_view json);

// {"set_permissions", "-p", "/", "anna", ".*", "", ".*"}, as rabbitmqctl takes it.
std::expected<Operation, std::string> operation_from_command(std::span<const std::string> words);
std::vector<std::string> command_of(const Operation&);

}  // namespace simbroker
