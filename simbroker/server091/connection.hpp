// One AMQP 0-9-1 connection: its life from protocol header to close, the frames of channel 0, its channels.
//
//   awaiting_header -> starting (-> securing) -> tuning -> opening -> running -> closing (we sent connection.close)
//                                                               -> closed  (we sent connection.close-ok)
//   any -> condemned (nothing is read any more, the transport is dropped when the timer says so) -> finished
//
// connection.cpp reads frames and ends connections, handshake.cpp answers the methods of class connection, access.cpp
// says what the user may do, inspection.cpp what an operator sees.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/deadline.hpp"
#include "simbroker/model/inspection.hpp"
#include "simbroker/model/node.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/prefetch_window.hpp"
#include "simbroker/server091/protocol_version.hpp"
#include "simbroker/server091/remembered_permissions.hpp"
#include "simbroker/server091/sasl.hpp"
#include "simbroker/server091/violation.hpp"

namespace simbroker::server091 {

// What a client said it can take (client-properties.capabilities).
struct Capabilities {
    bool authentication_failure_close = false;
    bool connection_blocked = false;
    bool consumer_cancel_notify = false;
};

// What permissions are about.
struct Resource {
    enum class Kind : std::uint8_t { exchange, queue };
    Kind kind{};
    std::string_view name;
};

class Connection final : public model::Inspectable {
public:
    Connection(model::Node& node, const Connected& connected);

    void receive(codec::wire::BytesView bytes);
    void transport_gone();
    void on_timer(model::ConnectionTimer::Kind kind);
    Deadline name(model::ConnectionTimer::Kind kind) const;  // of such a timer, for people
    void on_delivery_timeout(std::uint16_t channel);
    void close_by_operator(std::string_view reason);
    void alarms_changed();
    void disk_synced();
    void on_taken(std::uint16_t channel);  // what it published has come to a queue that takes its time
    void time_out_deliveries(model::QueueId queue);
    void lose_power();
    void set_congested(bool congested);
    void end_of_input();                          // what waits for more frames waits no longer
    bool leave(const model::VirtualHost& vhost);  // which is about to be deleted; whether it was there

    void finish(std::string_view why);  // drops the transport
    bool finished() const { return state_ == State::finished; }

    // What an operator sees (inspection.cpp).
    void describe(nlohmann::json& row) const override;
    void add_channels(model::Rows& rows) const override;
    void add_consumers(model::Rows& rows) const override;
    void add_unacknowledged(model::Rows& rows, std::string_view queue) const override;

    // For its channels.
    model::Node& node() { return node_; }
    model::VirtualHost& vhost() { return *vhost_; }
    ConnectionId id() const { return id_; }
    const std::string& user() const { return user_; }
    const Capabilities& capabilities() const { return capabilities_; }
    std::size_t frame_max() const { return frame_max_; }
    PrefetchWindow& window() { return window_; }  // of the connection as a whole
    const profile::Deviations& deviations() const { return node_.context.profile().deviations; }
    std::expected<void, Violation> check_offered(codec::amqp091::MethodId id) const;
    bool consumes(std::string_view consumer_tag) const;  // on any channel
    bool takes_deliveries() const;
    void deliver_more();
    void delivered();  // sees to it that deliveries go on where this one was the last for now
    codec::wire::Bytes& out();
    void send(codec::amqp091::ChannelNumber channel, const codec::amqp091::Method& method);

    // Permissions (access.cpp).
    bool allowed(model::Permission permission, std::string_view name);
    std::expected<void, Violation> check(model::Permission permission, Resource resource, RememberedPermissions& past);
    std::expected<void, Violation> check_any(Resource resource);
    std::expected<void, Violation> check_topic(
        model::Permission permission, const model::Exchange& exchange, std::string_view key, RememberedPermissions& past
    );
    bool may_impersonate() const;

private:
    enum class State : std::uint8_t {
        awaiting_header,
        starting,
        securing,  // a challenge waits for secure-ok
        tuning,
        opening,
        running,
        closing,
        closed,
        condemned,
        finished,
    };

    // Frames in.
    void read_protocol_header();
    void start(std::uint8_t major, std::uint8_t minor);
    void read_frames();
    void account_for_unread();
    Violation violation_of(const codec::amqp091::FrameError& error) const;
    Violation malformed(const codec::amqp091::Frame& frame) const;
    void on_frame(const codec::amqp091::Frame& frame);
    void on_frame_while_ending(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> on_connection_frame(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> on_connection_method(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> on_channel_frame(const codec::amqp091::Frame& frame);
    std::expected<void, Violation> open_channel(const codec::amqp091::Frame& frame);
    bool held_back_by_alarm(const codec::amqp091::Frame& frame) const;
    void hold_back();
    void go_on();

    // Methods of class connection (handshake.cpp).
    Outcome on(const codec::amqp091::connection::StartOk& start_ok);
    Outcome on(const codec::amqp091::connection::SecureOk& secure_ok);
    Outcome on(const codec::amqp091::connection::TuneOk& tune_ok);
    Outcome on(const codec::amqp091::connection::Open& open);
    Outcome on(const codec::amqp091::connection::Close& close);
    Outcome on(const codec::amqp091::connection::UpdateSecret& update_secret);
    template <class M>
    Outcome on(const M&) {
        return unexpected_method();
    }
    Outcome unexpected_method() const;
    void learn(codec::amqp091::FieldTable client_properties);
    Outcome proceed(const Login& login);
    Outcome refuse_login();
    std::expected<void, Violation> admit_to(const model::VirtualHost& vhost) const;  // access.cpp
    std::expected<void, Violation> check_channel_limit() const;
    std::expected<void, Violation> access_refused(std::string_view what, std::string_view access, std::string_view name)
        const;

    // Ends.
    void end_with(const Violation& violation);
    bool tells(const Violation& violation) const;
    codec::amqp091::ReplyCode code_of(const Violation& violation) const;
    void send_close(const Violation& violation);
    void end_channels();
    void drop_after(Duration delay);
    void condemn(Duration delay);
    void forget(std::string_view why);
    void remove_channel(codec::amqp091::ChannelNumber number);
    Duration patience() const;
    bool before_open() const { return state_ < State::opening; }
    std::string_view state_name() const;

    // Heartbeats (4.2.7).
    void start_heartbeats();
    void on_send_heartbeat();
    void on_expect_octets();

    model::Node& node_;
    ConnectionId id_;
    std::string peer_;
    std::optional<TlsFacts> tls_;
    State state_ = State::awaiting_header;
    ProtocolVersion version_ = ProtocolVersion::v0_9_1;
    codec::amqp091::FrameSplitter splitter_;

    std::string mechanism_;  // of SASL, as start-ok chose it
    std::string user_;
    model::User access_{};                   // the user as of access_revision_
    const model::Permissions* allowance_{};  // of access_, in this virtual host
    std::uint64_t access_revision_ = 0;
    Capabilities capabilities_;
    std::uint16_t channel_max_ = 0;
    std::size_t frame_max_ = 0;
    std::chrono::seconds heartbeat_{0};
    model::VirtualHost* vhost_ = nullptr;
    PrefetchWindow window_;
    std::uint64_t channels_opened_ = 0;
    std::map<codec::amqp091::ChannelNumber, std::unique_ptr<Channel>> channels_;

    model::Charge charge_;
    bool held_back_ = false;       // by an alarm: frames wait in the splitter
    std::string held_back_for_{};  // in the words of connection.blocked
    bool looked_once_ = false;     // for octets sent
    bool sent_since_check_ = false;
    bool received_since_check_ = false;
    int silent_checks_ = 0;
    model::Timers::Handle drop_timer_;  // of the handshake, or of the end
    bool congested_ = false;
    model::Timers::Handle send_timer_;
    model::Timers::Handle receive_timer_;
};

}  // namespace simbroker::server091
