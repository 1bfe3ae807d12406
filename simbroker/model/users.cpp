#include "simbroker/model/users.hpp"

#include <algorithm>

namespace simbroker::model {
namespace {

constexpr std::string_view only_the_empty_name = "^$";

std::string_view or_nothing(std::string_view pattern) { return pattern.empty() ? only_the_empty_name : pattern; }

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

}  // namespace

std::string_view to_string(Permission permission) {
    switch (permission) {
        case Permission::configure: return "configure";
        case Permission::write: return "write";
        case Permission::read: return "read";
    }
    return "";
}

const Pattern& Permissions::to(Permission permission) const {
    switch (permission) {
        case Permission::configure: return configure;
        case Permission::write: return write;
        case Permission::read: break;
    }
    return read;
}

std::expected<Permissions, std::string> Permissions::compile(
    std::string_view configure, std::string_view write, std::string_view read
) {
    Permissions made;
    for (auto [text, into] : {std::pair(configure, &made.configure), {write, &made.write}, {read, &made.read}}) {
        auto pattern = Pattern::compile(or_nothing(text));
        if (!pattern) return std::unexpected(pattern.error());
        *into = std::move(*pattern);
    }
    return made;
}

bool TopicPermissions::allow(Permission permission, std::string_view user, std::string_view vhost, std::string_view key)
    const {
    std::string text(or_nothing(permission == Permission::write ? write : read));
    text = replaced(replaced(std::move(text), "{username}", user), "{vhost}", vhost);
    const auto pattern = Pattern::compile(text);
    return pattern && pattern->found_in(key);
}

bool User::has_tag(std::string_view tag) const { return std::ranges::find(tags, tag) != tags.end(); }

const User* Users::find(std::string_view name) const {
    const auto found = users_.find(name);
    return found == users_.end() ? nullptr : &found->second;
}

User* Users::change(std::string_view name) {
    const auto found = users_.find(name);
    if (found == users_.end()) return nullptr;
    ++revision_;
    return &found->second;
}

User& Users::add(const std::string& name, std::optional<std::string> password) {
    ++revision_;
    return users_.insert_or_assign(name, User{.password = std::move(password)}).first->second;
}

bool Users::remove(std::string_view name) {
    const auto found = users_.find(name);
    if (found == users_.end()) return false;
    ++revision_;
    users_.erase(found);
    return true;
}

void Users::forget_vhost(std::string_view vhost) {
    ++revision_;
    for (auto& [name, user] : users_) {
        if (const auto found = user.permissions.find(vhost); found != user.permissions.end())
            user.permissions.erase(found);
        std::erase_if(user.topic_permissions, [&](const auto& entry) { return entry.first.first == vhost; });
    }
}

// RabbitMQ takes an empty password for a mistake of the client's.
bool Users::accept(std::string_view name, std::string_view password) const {
    const auto* user = find(name);
    return user && !password.empty() && user->password == password;
}

}  // namespace simbroker::model
