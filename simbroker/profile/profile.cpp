#include "simbroker/profile/profile.hpp"

#include <algorithm>
#include <array>

namespace simbroker::profile {

bool lists(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (words.substr(0, end) == word) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

std::span<const Profile* const> all() {
    static const std::array list{&rabbitmq_4_3(), &rabbitmq_4_0(), &rabbitmq_3_10(), &strict()};
    return list;
}

const Profile* find(std::string_view name) {
    for (const auto* profile : all()) {
        if (profile->name == name) return profile;
    }
    return nullptr;
}

}  // namespace simbroker::profile
