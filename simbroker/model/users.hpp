// Who may log in, and what each user may do in which virtual host.
//
// Permissions are regular expressions over names of queues and exchanges; topic permissions look at routing keys too
// and refuse nothing where there are none.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/model/pattern.hpp"

namespace simbroker::model {

enum class Permission : std::uint8_t { configure, write, read };

std::string_view to_string(Permission);

struct Permissions {
    Pattern configure, write, read;

    const Pattern& to(Permission permission) const;

    // The empty expression allows only the empty name.
    static std::expected<Permissions, std::string> compile(
        std::string_view configure, std::string_view write, std::string_view read
    );
};

// May hold {username} and {vhost}, so they are compiled when they are asked.
struct TopicPermissions {
    std::string write, read;

    bool allow(Permission permission, std::string_view user, std::string_view vhost, std::string_view key) const;
};

// Nothing: no limit.
struct UserLimits {
    std::optional<std::size_t> max_connections;
    std::optional<std::size_t> max_channels;
};

struct User {
    std::optional<std::string> password;  // nothing: no log-in by password
    std::vector<std::string> tags{};
    std::map<std::string, Permissions, std::less<>> permissions{};                        // by virtual host
    std::map<std::pair<std::string, std::string>, TopicPermissions> topic_permissions{};  // by vhost and exchange
    UserLimits limits{};

    bool has_tag(std::string_view tag) const;
};

class Users {
public:
    const std::map<std::string, User, std::less<>>& all() const { return users_; }
    const User* find(std::string_view name) const;

    // To change a user is to make everybody's memory of what is allowed obsolete.
    User* change(std::string_view name);
    User& add(const std::string& name, std::optional<std::string> password);
    bool remove(std::string_view name);
    void forget_vhost(std::string_view vhost);

    bool accept(std::string_view name, std::string_view password) const;

    // Grows with every change.
    std::uint64_t revision() const { return revision_; }

private:
    std::map<std::string, User, std::less<>> users_;
    std::uint64_t revision_ = 1;
};

}  // namespace simbroker::model
