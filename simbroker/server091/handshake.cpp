// The methods of class connection, from connection.start to connection.close, and heartbeats.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/core/version.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/sasl.hpp"

namespace simbroker::server091 {

using codec::amqp091::connection_channel;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::LongString;
using model::ConnectionTimer;
namespace methods = codec::amqp091;

namespace {

FieldTableBuilder all_true(std::string_view names) {
    FieldTableBuilder table;
    while (!names.empty()) {
        const auto end = std::min(names.find(' '), names.size());
        table.add(names.substr(0, end), true);
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return table;
}

// Sorted by name, as RabbitMQ sends them. "simbroker" is our own key: it tells who is really speaking.
FieldTableBuilder server_properties(const BrokerConfig& config, std::string_view capabilities) {
    const auto& profile = config.profile;
    const auto table = all_true(capabilities);
    FieldTableBuilder properties;
    if (!profile.deviations.capabilities.empty()) properties.add("capabilities", table.view());
    properties.add("cluster_name", LongString{config.cluster_name}).add("copyright", LongString{profile.copyright});
    if (profile.deviations.server_host == profile::ServerHost::told) {
        properties.add("host", LongString{config.cluster_name});
    }
    properties.add("information", LongString{profile.information})
        .add("platform", LongString{profile.platform})
        .add("product", LongString{profile.product})
        .add("simbroker", LongString{version})
        .add("version", LongString{profile.version});
    return properties;
}

}  // namespace

void Connection::start(std::uint8_t major, std::uint8_t minor) {
    const auto& config = node_.context.config;
    const bool is_091 = major == 0;
    const auto properties = server_properties(config, is_091 ? deviations().capabilities : "");
    const auto mechanisms = mechanisms_offered(config, tls_);
    state_ = State::starting;
    send(
        connection_channel,
        methods::connection::Start{
            .version_major = major,
            .version_minor = minor,
            .server_properties = properties.view(),
            .mechanisms = {mechanisms},
            .locales = {"en_US"},
        }
    );
}

Outcome Connection::unexpected_method() const {
    return refuse(
        ViolationName::unexpected_connection_method,
        fmt::format("unexpected method in connection state {}", state_name())
    );
}

void Connection::learn(FieldTable client_properties) {
    const auto capabilities = client_properties.find("capabilities");
    const auto* table = capabilities ? capabilities->as<FieldTable>() : nullptr;
    if (!table) return;
    const auto is_set = [&](std::string_view name) {
        if (!profile::lists(deviations().capabilities, name)) return false;  // what is not offered cannot be asked for
        const auto value = table->find(name);
        return value && value->as<bool>() && *value->as<bool>();
    };
    capabilities_ = {
        .authentication_failure_close = is_set("authentication_failure_close"),
        .connection_blocked = is_set("connection.blocked"),
        .consumer_cancel_notify = is_set("consumer_cancel_notify"),
    };
}

Outcome Connection::on(const methods::connection::StartOk& start_ok) {
    if (state_ != State::starting) return unexpected_method();
    learn(start_ok.client_properties);
    mechanism_ = start_ok.mechanism.text();
    return proceed(log_in(node_, tls_, mechanism_, start_ok.response.text));
}

Outcome Connection::on(const methods::connection::SecureOk& secure_ok) {
    if (state_ != State::securing) return unexpected_method();
    return proceed(answer_challenge(node_, user_, secure_ok.response.text));
}

Outcome Connection::proceed(const Login& login) {
    user_ = login.user;
    switch (login.result) {
        case Login::Result::accepted: break;
        case Login::Result::challenged:
            state_ = State::securing;
            return methods::connection::Secure{.challenge = {password_challenge}};
        case Login::Result::refused: return refuse_login();
        case Login::Result::malformed:
        case Login::Result::not_offered: return refuse(ViolationName::error_before_open, "");
    }
    state_ = State::tuning;
    const auto& profile = node_.context.profile();
    return methods::connection::Tune{
        .channel_max = profile.channel_max,
        .frame_max = profile.frame_max,
        .heartbeat = static_cast<std::uint16_t>(profile.heartbeat.count()),
    };
}

// A client that cannot take connection.close here just sees the connection go.
Outcome Connection::refuse_login() {
    if (!capabilities_.authentication_failure_close) return refuse(ViolationName::error_before_open, "");
    return std::unexpected(Violation{
        ViolationName::login_refused,
        fmt::format(
            "Login was refused using authentication mechanism {}. For details see the broker logfile.", mechanism_
        ),
        no_method,
    });
}

// A client may lower what tune offered, never raise it; 0 would be "no limit" and so higher than any.
Outcome Connection::on(const methods::connection::TuneOk& tune_ok) {
    if (state_ != State::tuning) return unexpected_method();
    const auto& profile = node_.context.profile();
    const bool channel_max_good = tune_ok.channel_max >= 1 && tune_ok.channel_max <= profile.channel_max;
    const bool frame_max_good =
        tune_ok.frame_max >= profile.frame_max_minimum && tune_ok.frame_max <= profile.frame_max;
    if (!channel_max_good || !frame_max_good) return refuse(ViolationName::error_before_open, "");
    channel_max_ = tune_ok.channel_max;
    frame_max_ = tune_ok.frame_max;
    heartbeat_ = std::chrono::seconds(tune_ok.heartbeat);
    const bool of_the_frame = deviations().frame_max == profile::FrameMax::of_the_frame;
    splitter_.set_max_payload(of_the_frame ? frame_max_ - methods::frame_overhead : frame_max_);
    state_ = State::opening;
    start_heartbeats();
    return no_reply();
}

Outcome Connection::on(const methods::connection::Open& open) {
    if (state_ != State::opening) return unexpected_method();
    const auto name = open.virtual_host.text();
    auto* vhost = node_.find_vhost(name);
    if (!vhost) {
        const bool by_path = deviations().unknown_virtual_host == profile::UnknownVirtualHost::invalid_path;
        return refuse(
            by_path ? ViolationName::vhost_path_unknown : ViolationName::vhost_not_found,
            fmt::format("vhost {} not found", name)
        );
    }
    if (auto admitted = admit_to(*vhost); !admitted) return std::unexpected(admitted.error());
    vhost_ = vhost;
    node_.sessions.emplace(
        id_, model::Session{.user = user_, .vhost = std::string(name), .peer = peer_, .shown = this}
    );
    state_ = State::running;
    node_.context.timers.cancel(drop_timer_);
    node_.context.outbox.event(
        {.kind = Event::Kind::connection_opened,
         .connection = id_,
         .subject = user_ + "@" + std::string(name),
         .detail = peer_}
    );
    return methods::connection::OpenOk{};
}

// RabbitMQ waits for the client to close the transport, heartbeats going on meanwhile.
Outcome Connection::on(const methods::connection::Close&) {
    if (state_ != State::running && state_ != State::opening) return unexpected_method();
    end_channels();
    state_ = State::closed;
    drop_after(patience());
    return methods::connection::CloseOk{};
}

Outcome Connection::on(const methods::connection::UpdateSecret&) {
    if (state_ != State::running) return unexpected_method();
    return methods::connection::UpdateSecretOk{};  // the internal backend never looks at it
}

void Connection::start_heartbeats() {
    if (heartbeat_.count() == 0) return;
    auto& context = node_.context;
    context.timers.set(
        send_timer_, context.now + Duration(heartbeat_) / 2, ConnectionTimer{id_, ConnectionTimer::Kind::send_heartbeat}
    );
    context.timers.set(
        receive_timer_, context.now + heartbeat_, ConnectionTimer{id_, ConnectionTimer::Kind::expect_octets}
    );
}

void Connection::on_timer(ConnectionTimer::Kind kind) {
    switch (kind) {
        case ConnectionTimer::Kind::drop:
            return finish(state_ < State::running ? "handshake timeout" : "waited long enough");
        case ConnectionTimer::Kind::send_heartbeat: return on_send_heartbeat();
        case ConnectionTimer::Kind::expect_octets: return on_expect_octets();
    }
}

// Twice in each interval: a heartbeat, unless something else was sent since the last look. What was sent before the
// first look counts for nothing.
void Connection::on_send_heartbeat() {
    if (!sent_since_check_ || !looked_once_) methods::append_heartbeat(out());
    looked_once_ = true;
    sent_since_check_ = false;
    auto& context = node_.context;
    context.timers.set(
        send_timer_, context.now + Duration(heartbeat_) / 2, ConnectionTimer{id_, ConnectionTimer::Kind::send_heartbeat}
    );
}

// Any octet counts as a sign of life. Two silent intervals in a row, and the transport is dropped without a word.
// A connection held back by an alarm is not listened to, so it is not expected to speak.
void Connection::on_expect_octets() {
    silent_checks_ = received_since_check_ || held_back_ ? 0 : silent_checks_ + 1;
    received_since_check_ = false;
    if (silent_checks_ == 2) return finish("missed heartbeats from the client");
    auto& context = node_.context;
    context.timers.set(
        receive_timer_, context.now + heartbeat_, ConnectionTimer{id_, ConnectionTimer::Kind::expect_octets}
    );
}

}  // namespace simbroker::server091
