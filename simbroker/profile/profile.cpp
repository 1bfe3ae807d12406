#include "simbroker/profile/profile.hpp"

#include <array>

namespace simbroker::profile {

std::span<const Profile* const> all() {
    static const std::array list{&rabbitmq_4_3(), &rabbitmq_4_0(), &rabbitmq_3_10()};
    return list;
}

const Profile* find(std::string_view name) {
    for (const auto* profile : all()) {
        if (profile->name == name) return profile;
    }
    return nullptr;
}

}  // namespace simbroker::profile
