// Verbs about what a broker suffers from operators and from the machine it runs on.
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using Needs = Verb::Needs;

Read<std::string> text_at(const Reading& argument, std::string_view name, std::string usual) {
    const auto found = argument.find(name);
    return found ? found->text() : Read<std::string>(std::move(usual));
}

// The name of a thing, or an object with it and what belongs to it.
struct Named {
    std::string name;
    std::string vhost = "/";
    std::optional<Duration> lasting{};
};

Read<Named> named(const Reading& argument, std::string_view thing, std::initializer_list<std::string_view> fields) {
    if (argument.value().is_string()) return Named{.name = argument.value().get<std::string>()};
    if (auto read = argument.object(fields); !read) return std::unexpected(read.error());
    if (!argument.find(thing)) return argument.expected("a name, or an object with " + std::string(thing));
    const auto name = text_at(argument, thing, {});
    const auto vhost = text_at(argument, "vhost", "/");
    const auto lasting = lasting_of(argument);
    if (!name) return std::unexpected(name.error());
    if (!vhost) return std::unexpected(vhost.error());
    if (!lasting) return std::unexpected(lasting.error());
    return Named{*name, *vhost, *lasting};
}

std::int64_t milliseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

Read<Duration> duration_at(const Reading& argument, std::string_view name, Duration usual) {
    const auto found = argument.find(name);
    return found ? found->duration() : Read<Duration>(usual);
}

Read<Fault> operate(const Reading& argument, const Trigger*) {
    auto operation =
        operation_from_json(argument.value().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    if (!operation) return argument.wrong(operation.error());
    return Order{.operation = std::move(*operation)};
}

Read<Fault> delete_queue(const Reading& argument, const Trigger*) {
    const auto queue = named(argument, "queue", {"queue", "vhost"});
    if (!queue) return std::unexpected(queue.error());
    return Order{.operation = operation::DeleteQueue{.vhost = queue->vhost, .queue = queue->name}};
}

Read<Fault> delete_vhost(const Reading& argument, const Trigger*) {
    const auto vhost = argument.text();
    if (!vhost) return std::unexpected(vhost.error());
    return Order{.operation = operation::DeleteVhost{*vhost}};
}

Read<Fault> delete_user(const Reading& argument, const Trigger*) {
    const auto user = argument.text();
    if (!user) return std::unexpected(user.error());
    return Order{.operation = operation::DeleteUser{*user}};
}

Read<Fault> revoke(const Reading& argument, const Trigger*) {
    const auto user = named(argument, "user", {"user", "vhost"});
    if (!user) return std::unexpected(user.error());
    return Order{.operation = operation::ClearPermissions{.vhost = user->vhost, .user = user->name}};
}

Read<Fault> time_out(const Reading& argument, const Trigger*) {
    const auto queue = named(argument, "queue", {"queue", "vhost"});
    if (!queue) return std::unexpected(queue.error());
    return Order{.operation = operation::TimeOutDeliveries{.vhost = queue->vhost, .queue = queue->name}};
}

Read<Fault> move_leader(const Reading& argument, const Trigger*) {
    const auto queue = named(argument, "queue", {"queue", "vhost", "election"});
    if (!queue) return std::unexpected(queue.error());
    const auto election = duration_at(argument, "election", std::chrono::seconds(1));
    if (!election) return std::unexpected(election.error());
    return Order{.operation = operation::MoveLeader{queue->vhost, queue->name, milliseconds(*election)}};
}

Read<Fault> slow_queue(const Reading& argument, const Trigger*) {
    if (auto read = argument.object({"queue", "vhost", "each", "for"}); !read) return std::unexpected(read.error());
    const auto queue = named(argument, "queue", {"queue", "vhost", "each", "for"});
    if (!queue) return std::unexpected(queue.error());
    const auto each = duration_at(argument, "each", std::chrono::seconds(1));
    if (!each) return std::unexpected(each.error());
    return Order{
        .operation = operation::SlowQueue{queue->vhost, queue->name, milliseconds(*each)},
        .undo = operation::SlowQueue{queue->vhost, queue->name, 0},
        .lasting = queue->lasting,
    };
}

Read<Fault> slow_disk(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "delay", {"delay", "for"});
    if (!main) return std::unexpected(main.error());
    const auto delay = main->duration();
    if (!delay) return std::unexpected(delay.error());
    const auto lasting = lasting_of(argument);
    if (!lasting) return std::unexpected(lasting.error());
    return Order{operation::SlowDisk{milliseconds(*delay)}, operation::SlowDisk{}, *lasting};
}

// Backwards, too: {"back": "1h"}.
Read<Fault> jump_clock(const Reading& argument, const Trigger*) {
    const bool back = argument.value().is_object();
    const auto by = main_thing(argument, "back", {"back"});
    if (!by) return std::unexpected(by.error());
    const auto read = by->duration();
    if (!read) return std::unexpected(read.error());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*read).count();
    return Order{.operation = operation::JumpClock{back ? -seconds : seconds}};
}

Read<Fault> alarm(const Reading& argument, const Trigger*) {
    constexpr std::string_view resources[] = {"memory", "disk"};
    const auto resource = main_thing(argument, "resource", {"resource", "for"});
    if (!resource) return std::unexpected(resource.error());
    const auto choice = resource->choice(resources);
    if (!choice) return std::unexpected(choice.error());
    const auto lasting = lasting_of(argument);
    if (!lasting) return std::unexpected(lasting.error());
    return Alarm{
        {*choice == 0 ? SetAlarm::Resource::memory : SetAlarm::Resource::disk, SetAlarm::State::raised}, *lasting
    };
}

Read<Fault> kill(const Reading& argument, const Trigger*) {
    if (argument.value().is_null()) return KillConnection{"closed by the operator"};
    const auto reason = argument.text();
    if (!reason) return std::unexpected(reason.error());
    return KillConnection{*reason};
}

constexpr Verb rows[] = {
    {"alarm",
     "memory or disk, or resource, for",
     "connection.blocked at the next publish, connection.unblocked when it is over",
     Needs::nothing,
     alarm},
    {"delete_queue",
     "queue, or queue, vhost",
     "basic.cancel for its consumers, 404 for who uses it",
     Needs::nothing,
     delete_queue},
    {"delete_vhost", "vhost", "320 to its connections, 530 for who opens it", Needs::nothing, delete_vhost},
    {"delete_user", "user", "320 to the user's connections, and no log-in", Needs::nothing, delete_user},
    {"revoke", "user, or user, vhost", "403 for what the user does next", Needs::nothing, revoke},
    {"kill", "reason", "connection.close 320 by an operator", Needs::nothing, kill},
    {"time_out",
     "queue, or queue, vhost",
     "406, or from 4.3 on basic.cancel, for deliveries that are not acknowledged",
     Needs::nothing,
     time_out},
    {"move_leader",
     "queue, or queue, vhost, election",
     "of a quorum queue: no confirm and no delivery until a leader is elected",
     Needs::nothing,
     move_leader},
    {"slow_queue",
     "queue, vhost, each, for",
     "confirms and deliveries one by one, so long after each other",
     Needs::nothing,
     slow_queue},
    {"slow_disk",
     "duration, or delay, for",
     "confirms of persistent messages and tx.commit-ok come so much later; a crash loses more",
     Needs::nothing,
     slow_disk},
    {"jump_clock",
     "duration, or back",
     "time stamps of dead letters jump; messages expire earlier, or later",
     Needs::nothing,
     jump_clock},
    {"operate", "an operation", "what rabbitmqctl's command of that name does", Needs::nothing, operate},
};

}  // namespace

std::span<const Verb> broker_verbs() { return rows; }

}  // namespace simbroker::fault
