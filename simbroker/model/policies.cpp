// What policies do to the queues and exchanges of a virtual host, at once when they change. The rest of VirtualHost is
// in virtual_host.cpp.
#include "simbroker/extension/max_length.hpp"
#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

using extension::Policies;
using extension::Policy;
using extension::PolicyKind;

namespace {

// The policy that applies, and its name for whoever asks.
const Policy* applying(
    const Policies& all, const extension::PolicySubject& subject, const profile::Profile& profile, std::string& name
) {
    const auto found = extension::find_policy(all, subject, profile);
    name = found == all.end() ? "" : found->first;
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace

const Policies& VirtualHost::policies(PolicyKind kind) const {
    return kind == PolicyKind::user ? user_policies_ : operator_policies_;
}

void VirtualHost::set_policy(PolicyKind kind, const std::string& name, Policy policy) {
    auto& all = kind == PolicyKind::user ? user_policies_ : operator_policies_;
    all.insert_or_assign(name, std::move(policy));
    policies_changed();
}

bool VirtualHost::clear_policy(PolicyKind kind, std::string_view name) {
    auto& all = kind == PolicyKind::user ? user_policies_ : operator_policies_;
    const auto found = all.find(name);
    if (found == all.end()) return false;
    all.erase(found);
    policies_changed();
    return true;
}

QueueSettings VirtualHost::settings_of(Queue& queue) const {
    const extension::PolicySubject subject{queue.name(), queue.attributes().type};
    const auto& profile = context_.profile();
    const auto* user = applying(user_policies_, subject, profile, queue.policy);
    const auto* operators = applying(operator_policies_, subject, profile, queue.operator_policy);
    return extension::settings_from(extension::with_policies(queue.arguments(), user, operators).view());
}

void VirtualHost::find_alternate(Exchange& exchange) const {
    const extension::PolicySubject subject{exchange.name(), std::nullopt};
    const auto* user = applying(user_policies_, subject, context_.profile(), exchange.policy);
    exchange.alternate = extension::alternate_exchange(exchange.arguments(), user);
}

// Messages keep the time to live they came with. A new length drops what is too much even where, from now on, it is
// publishers who are refused: RabbitMQ sets the length first and the overflow after it.
void VirtualHost::policies_changed() {
    for (auto& [name, exchange] : exchanges_) find_alternate(exchange);
    for (auto& [name, queue] : queues_) {
        const auto settings = settings_of(*queue);
        auto first = settings;
        first.overflow = queue->settings().overflow;
        const bool had_expiry = queue->settings().expires.has_value();
        const bool new_expiry = queue->settings().expires != settings.expires;
        queue->adopt(first);
        drop_overflow(*queue);
        queue->adopt(settings);
        if (new_expiry && had_expiry) context_.timers.cancel(queue->unused_timer);
        if (new_expiry) renew(*queue);
        expire(*queue);
        schedule_dispatch(*queue);
    }
}

}  // namespace simbroker::model
