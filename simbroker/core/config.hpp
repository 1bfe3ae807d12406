// What makes one broker different from another, as a value. With the seed and the timed inputs it decides every output.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/core/operation.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker {

struct Account {
    std::string name;
    std::string password;
    std::vector<std::string> vhosts;  // virtual hosts it may open

    friend bool operator==(const Account&, const Account&) = default;
};

// What a version denies by default may be permitted all the same (deprecated_features.permit.* of rabbitmq.conf).
enum class DeprecatedFeatures : std::uint8_t { permit, deny };

// Which name in a client's certificate is the user of SASL EXTERNAL (ssl_cert_login_from of rabbitmq.conf). Of the
// subject's alternative names it is the first DNS name, as RabbitMQ has it (ssl_cert_login_san_type and _index).
enum class CertificateLogin : std::uint8_t { distinguished_name, common_name, subject_alternative_name };
std::string_view to_string(CertificateLogin);
std::optional<CertificateLogin> certificate_login_from(std::string_view name);

struct BrokerConfig {
    // channel_max, frame_max, heartbeat and message_size_max may be set to other values than the profile's own.
    profile::Profile profile = profile::rabbitmq_4_3();
    std::string cluster_name = "rabbit@simbroker";
    std::vector<std::string> vhosts{"/"};
    std::vector<Account> accounts{{"guest", "guest", {"/"}}};
    std::vector<Operation> operations{};  // performed before the first input, in this order

    // Plug-ins that are enabled, by the names rabbitmq-plugins has; nothing: those of the profile.
    std::optional<std::vector<std::string>> plugins{};

    // The SASL mechanisms offered, in this order; nothing: those of the profile. EXTERNAL is offered over TLS only.
    std::optional<std::vector<std::string>> auth_mechanisms{};
    CertificateLogin certificate_login = CertificateLogin::distinguished_name;

    // The calendar second of Instant zero (seconds since 1970 UTC): for x-death and other time stamps.
    std::chrono::seconds epoch{1767225600};  // 2026-01-01

    // How long a delivery may stay unacknowledged; 0: for ever. What becomes of it then the profile says.
    std::chrono::milliseconds consumer_timeout{1800000};

    // Bounds. To exceed one is a violation, never an exhausted machine.
    std::size_t max_connections = 65535;
    std::size_t max_memory = std::size_t{1} << 30;  // for all that clients make it keep (model/memory_account.hpp)

    // Whether each message leaves events of its own (published, routed, delivered ...).
    bool observe_messages = false;

    DeprecatedFeatures deprecated_features = DeprecatedFeatures::permit;

    // How long a persistent message, or its removal, takes to reach the disk. A publisher's confirm waits for it, and a
    // crash before undoes it.
    std::chrono::milliseconds disk_sync_delay{0};

    bool has_plugin(std::string_view plugin) const;

    friend bool operator==(const BrokerConfig&, const BrokerConfig&) = default;
};

// As JSON, for traces and the command line. Unknown keys, wrong types, unknown profiles and operations that cannot be
// performed are errors that name the key.
std::string to_json(const BrokerConfig&);
std::expected<BrokerConfig, std::string> config_from_json(std::string_view json);

}  // namespace simbroker
