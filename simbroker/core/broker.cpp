#include "simbroker/core/broker.hpp"

#include <cassert>
#include <map>
#include <set>

#include "simbroker/model/node.hpp"
#include "simbroker/model/operator.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker {

using model::ConnectionTimer;
using model::DiskTimer;
using model::QueueTimer;
using server091::Connection;

class Broker::Core {
public:
    Core(BrokerConfig config, Seed seed) : node_(std::move(config), seed) {
        for (const auto& operation : node_.context.config.operations) model::operate(node_, operation);
    }

    Outputs handle(Instant now, const Input& input) {
        assert(now >= node_.context.now && "broker time never goes back");
        while (const auto due = node_.context.timers.pop_due(now)) {
            node_.context.now = due->first;
            std::visit([this](const auto& timer) { fire(timer); }, due->second);
            node_.settle_all();
        }
        node_.context.now = now;
        for (const auto id : std::exchange(node_.context.more_to_deliver, {})) {
            with(id, [](Connection& connection) { connection.deliver_more(); });
        }
        std::visit([this](const auto& what) { on(what); }, input);
        node_.settle_all();
        watch_memory();
        for (const auto id : std::exchange(finished_, {})) connections_.erase(id);
        return node_.context.outbox.take();
    }

    std::optional<Instant> next_deadline() const {
        if (!node_.context.more_to_deliver.empty()) return node_.context.now;
        return node_.context.timers.next();
    }

    std::optional<Deadline> what_is_next() const {
        const auto at = next_deadline();
        if (!at) return std::nullopt;
        if (!node_.context.more_to_deliver.empty()) return Deadline{.kind = Deadline::Kind::delivery, .at = *at};
        auto named = std::visit([this](const auto& timer) { return name(timer); }, *node_.context.timers.next_target());
        named.at = *at;
        return named;
    }

private:
    void on(const Connected& connected) {
        assert(!connections_.contains(connected.connection) && "a connection id is used once");
        if (state_ != State::up || connections_.size() >= node_.context.config.max_connections ||
            !node_.context.memory.has_room_for(model::price::connection)) {
            node_.context.outbox.close(connected.connection);
            return;
        }
        connections_.emplace(connected.connection, std::make_unique<Connection>(node_, connected));
    }

    void on(const Received& received) {
        with(received.connection, [&](Connection& connection) {
            connection.receive(received.bytes);
            connection.end_of_input();
        });
    }

    void on(const Disconnected& disconnected) {
        with(disconnected.connection, [](Connection& connection) { connection.transport_gone(); });
    }

    void on(const Congestion& congestion) {
        with(congestion.connection, [&](Connection& connection) {
            connection.set_congested(congestion.state == Congestion::State::congested);
        });
    }

    void on(const DeadlineReached&) {}

    // Faults are the business of the machine in front.
    void on(const AddFault&) {}
    void on(const RemoveFault&) {}
    void on(const ReleaseHeld&) {}

    void on(const CloseConnection& close) {
        with(close.connection, [&](Connection& connection) { connection.close_by_operator(close.reason); });
    }

    void on(const SetAlarm& alarm) {
        const bool raised = alarm.state == SetAlarm::State::raised;
        if (raised) {
            raised_.insert(alarm.resource);
        } else {
            raised_.erase(alarm.resource);
        }
        const auto* resource = alarm.resource == SetAlarm::Resource::memory ? "memory" : "disk";
        node_.context.event(Event::Kind::alarm, resource, raised ? "raised" : "cleared");
        update_alarms();
    }

    // What clients make the broker keep raises the alarm, too (model/memory_account.hpp).
    void watch_memory() {
        if (node_.context.memory.is_short() == short_of_memory_) return;
        short_of_memory_ = !short_of_memory_;
        if (!raised_.contains(SetAlarm::Resource::memory)) {
            node_.context.event(Event::Kind::alarm, "memory", short_of_memory_ ? "raised" : "cleared");
        }
        update_alarms();
        node_.settle_all();
    }

    // Whoever was held back reads on, until memory is short again.
    void update_alarms() {
        node_.alarms = raised_;
        if (short_of_memory_) node_.alarms.insert(SetAlarm::Resource::memory);
        for (const auto& [id, connection] : connections_) {
            with(id, [](Connection& resumed) { resumed.alarms_changed(); });
            if (node_.context.memory.is_short()) node_.alarms.insert(SetAlarm::Resource::memory);
        }
        short_of_memory_ = node_.context.memory.is_short();
    }

    void on(const Shutdown&) {
        if (state_ != State::up) return;
        state_ = State::stopping;
        node_.context.event(Event::Kind::broker_stopped, "", "shutdown");
        constexpr std::string_view reason = "broker forced connection closure with reason 'shutdown'";
        for_each([&](Connection& connection) { connection.close_by_operator(reason); });
    }

    void on(const Operate& operate) {
        model::operate(node_, operate.operation);
        for (const auto& [id, reason] : std::exchange(node_.expulsions, {})) {
            with(id, [&](Connection& connection) { connection.close_by_operator(reason); });
        }
        for (const auto queue : std::exchange(node_.overdue, {})) {
            for_each([queue](Connection& connection) { connection.time_out_deliveries(queue); });
        }
        for (const auto& name : std::exchange(node_.abandoned_vhosts, {})) {
            auto& vhost = node_.vhosts.at(name);
            // Told so, and not waited for.
            for (const auto& [id, connection] : connections_) {
                if (connection->leave(vhost)) with(id, [](Connection& left) { left.finish("its vhost is deleted"); });
            }
            vhost.delete_all_queues();
            node_.settle(vhost);
            node_.vhosts.erase(name);
        }
    }

    void on(const Crash&) {
        if (state_ == State::down) return;
        state_ = State::down;
        for (const auto& [id, connection] : connections_) {
            if (!connection->finished()) connection->lose_power();
        }
        stop(model::VirtualHost::Stop::crash);
        connections_.clear();
        node_.context.disk.lose_what_is_under_way();
        node_.context.event(Event::Kind::broker_stopped, "", "crash");
    }

    void on(const Start&) {
        if (state_ == State::up) return;
        if (state_ == State::stopping) {
            for_each([](Connection& connection) { connection.finish("the broker stopped"); });
            node_.settle_all();
            node_.context.disk.sync_all();
            stop(model::VirtualHost::Stop::orderly);
        }
        state_ = State::up;
        if (const auto version = std::exchange(node_.next_version, {})) change_version(*version);
        for (auto& [name, vhost] : node_.vhosts) vhost.start();
        node_.context.event(Event::Kind::broker_started, "");
    }

    // What is set to another value than the old version's own stays so.
    void change_version(const std::string& name) {
        auto& profile = node_.context.config.profile;
        const auto before = profile;
        const auto* usual = profile::find(before.name);
        profile = *profile::find(name);
        const auto keep = [&](auto field) {
            if (usual && before.*field != usual->*field) profile.*field = before.*field;
        };
        keep(&profile::Profile::channel_max);
        keep(&profile::Profile::frame_max);
        keep(&profile::Profile::heartbeat);
        keep(&profile::Profile::message_size_max);
        for (auto& [vhost_name, vhost] : node_.vhosts) vhost.policies_changed();
        node_.context.event(Event::Kind::version_changed, name, std::string(before.name));
    }

    void stop(model::VirtualHost::Stop how) {
        node_.notices.clear();
        node_.reply_addresses = {};
        node_.context.timers.cancel(node_.context.disk_timer);
        for (auto& [name, vhost] : node_.vhosts) vhost.stop(how);
    }

    Deadline name(const DiskTimer&) const { return {.kind = Deadline::Kind::disk_sync}; }

    Deadline name(const ConnectionTimer& timer) const {
        const auto found = connections_.find(timer.connection);
        return found == connections_.end() ? Deadline{} : found->second->name(timer.kind);
    }

    Deadline name(const model::ChannelTimer& timer) const {
        return {.kind = Deadline::Kind::delivery_timeout, .connection = timer.connection, .channel = timer.channel};
    }

    Deadline name(const model::TakenTimer& timer) const {
        return {.kind = Deadline::Kind::queue_work, .connection = timer.connection, .channel = timer.channel};
    }

    // Timers of queues and delayed messages know no virtual host: the one that knows them says so.
    template <class Timer>
    Deadline name(const Timer& timer) const {
        for (const auto& [name, vhost] : node_.vhosts) {
            if (auto named = vhost.name_deadline(timer)) return *named;
        }
        return {};
    }

    void fire(const DiskTimer&) {
        auto& context = node_.context;
        context.disk.sync_until(context.now);
        context.watch_disk();
        for (auto& [name, vhost] : node_.vhosts) vhost.disk_synced();
        for_each([](Connection& connection) { connection.disk_synced(); });
    }

    void fire(const ConnectionTimer& timer) {
        with(timer.connection, [&](Connection& connection) { connection.on_timer(timer.kind); });
    }

    void fire(const model::ChannelTimer& timer) {
        with(timer.connection, [&](Connection& connection) { connection.on_delivery_timeout(timer.channel); });
    }

    void fire(const model::TakenTimer& timer) {
        with(timer.connection, [&](Connection& connection) { connection.on_taken(timer.channel); });
    }

    void fire(const QueueTimer& timer) {
        for (auto& [name, vhost] : node_.vhosts) vhost.on_timer(timer);
    }

    void fire(const model::DelayTimer& timer) {
        for (auto& [name, vhost] : node_.vhosts) vhost.on_timer(timer);
    }

    // Nothing happens for a connection that is gone: its driver may not have heard yet.
    template <class Action>
    void with(ConnectionId id, Action&& action) {
        const auto found = connections_.find(id);
        if (found == connections_.end() || found->second->finished()) return;
        action(*found->second);
        if (found->second->finished()) finished_.push_back(id);
    }

    template <class Action>
    void for_each(Action&& action) {
        for (const auto& [id, connection] : connections_) with(id, action);
    }

    enum class State : std::uint8_t { up, stopping, down };

    State state_ = State::up;
    std::set<SetAlarm::Resource> raised_;  // by the operator
    bool short_of_memory_ = false;
    model::Node node_;
    std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
    std::vector<ConnectionId> finished_;
};

Broker::Broker(BrokerConfig config, Seed seed) : core_(std::make_unique<Core>(std::move(config), seed)) {}
Broker::~Broker() = default;

Outputs Broker::handle(Instant now, const Input& input) { return core_->handle(now, input); }
std::optional<Instant> Broker::next_deadline() const { return core_->next_deadline(); }
std::optional<Deadline> Broker::what_is_next() const { return core_->what_is_next(); }

}  // namespace simbroker
