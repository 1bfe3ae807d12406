#include "simbroker/model/context.hpp"

namespace simbroker::model {

std::string generated_name(std::string_view prefix, Prng& prng) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name(prefix);
    for (int i = 0; i < 22; ++i) name += alphabet[prng.below(alphabet.size())];
    return name;
}

}  // namespace simbroker::model
