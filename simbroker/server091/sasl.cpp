#include "simbroker/server091/sasl.hpp"

#include <algorithm>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::server091 {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;

struct Credentials {
    std::string_view user;
    std::string_view password;
};

// RFC 4616, with an empty authorization identity: NUL user NUL password.
std::optional<Credentials> read_plain(std::string_view response) {
    if (!response.starts_with('\0')) return std::nullopt;
    response.remove_prefix(1);
    const auto separator = response.find('\0');
    if (separator == std::string_view::npos) return std::nullopt;
    const auto password = response.substr(separator + 1);
    if (password.find('\0') != std::string_view::npos) return std::nullopt;
    return Credentials{response.substr(0, separator), password};
}

// The fields of a table without its size, LOGIN and PASSWORD among them.
std::optional<Credentials> read_amqplain(std::string_view response) {
    const auto table = FieldTable::check(codec::wire::as_bytes(response));
    if (!table) return std::nullopt;
    const auto login = table->find("LOGIN");
    const auto password = table->find("PASSWORD");
    if (!login || !password) return std::nullopt;
    const auto* user = login->as<LongString>();
    const auto* secret = password->as<LongString>();
    if (!user || !secret) return std::nullopt;
    return Credentials{user->text, secret->text};
}

Login check(const model::Users& users, const Credentials& credentials) {
    const bool good = users.accept(credentials.user, credentials.password);
    return {good ? Login::Result::accepted : Login::Result::refused, std::string(credentials.user)};
}

// An anonymous client is the first account of the configuration.
Login anonymous(const model::Node& node) {
    const auto& accounts = node.context.config.accounts;
    if (accounts.empty() || !node.users.find(accounts.front().name)) return {Login::Result::refused, {}};
    return {Login::Result::accepted, accounts.front().name};
}

const std::string& login_name(const CertificateNames& names, CertificateLogin login) {
    switch (login) {
        case CertificateLogin::distinguished_name: break;
        case CertificateLogin::common_name: return names.common_name;
        case CertificateLogin::subject_alternative_name: return names.host_name;
    }
    return names.distinguished_name;
}

// The client's certificate says who it is, and that it was verified is enough. Without one, nobody.
Login external(const model::Node& node, const std::optional<TlsFacts>& tls) {
    if (!tls || !tls->certificate) return {Login::Result::refused, {}};
    const auto& names = *tls->certificate;
    const auto& user = login_name(names, node.context.config.certificate_login);
    return {node.users.find(user) ? Login::Result::accepted : Login::Result::refused, user};
}

}  // namespace

std::string mechanisms_offered(const BrokerConfig& config, const std::optional<TlsFacts>& tls) {
    if (!config.auth_mechanisms) return std::string(config.profile.mechanisms);
    std::string offered;
    for (const auto& mechanism : *config.auth_mechanisms) {
        if (mechanism == "EXTERNAL" && !tls) continue;
        offered += (offered.empty() ? "" : " ") + mechanism;
    }
    return offered;
}

Login log_in(
    const model::Node& node, const std::optional<TlsFacts>& tls, std::string_view mechanism, std::string_view response
) {
    if (!profile::lists(mechanisms_offered(node.context.config, tls), mechanism)) {
        return {Login::Result::not_offered, {}};
    }
    if (mechanism == "ANONYMOUS") return anonymous(node);
    if (mechanism == "EXTERNAL") return external(node, tls);
    if (mechanism == "RABBIT-CR-DEMO") return {Login::Result::challenged, std::string(response)};
    const auto credentials = mechanism == "PLAIN" ? read_plain(response) : read_amqplain(response);
    if (!credentials) return {Login::Result::malformed, {}};
    return check(node.users, *credentials);
}

Login answer_challenge(const model::Node& node, const std::string& user, std::string_view response) {
    constexpr std::string_view beginning = "My password is ";
    if (!response.starts_with(beginning)) return {Login::Result::malformed, {}};
    return check(node.users, {user, response.substr(beginning.size())});
}

}  // namespace simbroker::server091
