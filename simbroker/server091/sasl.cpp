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

bool offers(std::string_view mechanisms, std::string_view wanted) {
    while (!mechanisms.empty()) {
        const auto end = std::min(mechanisms.find(' '), mechanisms.size());
        if (mechanisms.substr(0, end) == wanted) return true;
        mechanisms.remove_prefix(std::min(end + 1, mechanisms.size()));
    }
    return false;
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

}  // namespace

Login log_in(const model::Node& node, std::string_view mechanism, std::string_view response) {
    if (!offers(node.context.profile().mechanisms, mechanism)) return {Login::Result::not_offered, {}};
    if (mechanism == "ANONYMOUS") return anonymous(node);
    const auto credentials = mechanism == "PLAIN" ? read_plain(response) : read_amqplain(response);
    if (!credentials) return {Login::Result::malformed, {}};
    return check(node.users, *credentials);
}

}  // namespace simbroker::server091
